# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.core.model.grammar import Tag
from training.finetuning.objective import answer_loss
from training.finetuning.rows import RowMaker
from training.texts.examples import BoxPart, Example

PROMPT = (Tag.GROUNDING, Tag.PHRASE, ' the gasket', Tag.PHRASE_END)
FOUND = Example(PROMPT, (Tag.OBJECT, BoxPart(0.1, 0.2, 0.4, 0.5), Tag.OBJECT_END))
ABSENT = Example((Tag.GROUNDING, Tag.PHRASE, ' a bolt', Tag.PHRASE_END), ())

LoadTiny = Callable[[], Kosmos2ForConditionalGeneration]


@pytest.fixture(scope='module')
def maker(processor: Kosmos2Processor) -> RowMaker:
    return RowMaker(processor, 64)


def test_it_is_the_stock_models_own_loss(load_tiny: LoadTiny, maker: RowMaker) -> None:
    model = load_tiny()
    pixels = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    rows = maker.rows([[FOUND], [ABSENT, FOUND]])
    labels = torch.full_like(rows.ids, -100)
    labels[:, 1:] = rows.targets[:, :-1]
    # The target of a row's last token has no place among labels of the same length.
    ids = torch.cat([rows.ids, torch.full((3, 1), 1)], 1)
    labels = torch.cat([torch.full((3, 1), -100), rows.targets], 1)
    zeros = torch.zeros((3, 1), dtype=torch.long)
    with torch.inference_mode():
        stock = model(
            pixel_values=pixels[rows.images],
            input_ids=ids,
            attention_mask=torch.cat([rows.attention, zeros], 1),
            image_embeds_position_mask=torch.cat([rows.image_places, zeros], 1),
            labels=labels,
        ).loss
        ours = answer_loss(model, pixels, rows, maker.first_cell, soft=False)
    assert ours.total.item() == pytest.approx(stock.item(), rel=1e-4)


def test_soft_targets_change_the_location_tokens_alone(
    load_tiny: LoadTiny, maker: RowMaker
) -> None:
    model, pixels = load_tiny(), torch.zeros(1, 3, 224, 224)
    with torch.inference_mode():
        rows = maker.rows([[FOUND, ABSENT]])
        soft, exact = (
            answer_loss(model, pixels, rows, maker.first_cell, s) for s in (True, False)
        )
        assert soft.words == pytest.approx(exact.words)
        assert soft.cells != pytest.approx(exact.cells, rel=1e-4)
        words = maker.rows([[ABSENT]])
        soft, exact = (
            answer_loss(model, pixels, words, maker.first_cell, s) for s in (True, False)
        )
    assert soft.total == exact.total
