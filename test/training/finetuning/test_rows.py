# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from transformers import Kosmos2Processor

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, Tag
from kosmos_ros.core.types import Box
from training.finetuning.rows import IGNORED, NO_CORNER, RowMaker
from training.texts.examples import BoxPart, Example

BOX = (0.11, 0.23, 0.52, 0.77)
LOCATE = (Tag.GROUNDING, Tag.PHRASE, ' the gasket', Tag.PHRASE_END)


@pytest.fixture(scope='module')
def maker(processor: Kosmos2Processor) -> RowMaker:
    return RowMaker(processor, 64)


def located(box: tuple[float, float, float, float]) -> Example:
    return Example(LOCATE, (Tag.OBJECT, BoxPart(*box), Tag.OBJECT_END))


def test_a_row_is_what_the_stock_processor_makes_of_the_text(
    maker: RowMaker, processor: Kosmos2Processor
) -> None:
    row = maker.row(located(BOX))
    cells = [Cell(token - maker.first_cell) for token in row.ids[-4:-2]]
    text = f'<grounding><phrase> the gasket</phrase><object>{cells[0]}{cells[1]}</object>'
    image = torch.zeros(3, 224, 224)
    stock = processor(text=text, images=[image], num_image_tokens=64, return_tensors='pt')
    eos = processor.tokenizer.eos_token_id
    assert list(row.ids) == [*stock['input_ids'][0].tolist(), eos]


@pytest.mark.parametrize('box', [BOX, (0.0, 0.0, 1.0, 1.0), (0.5, 0.25, 0.75, 0.5)])
def test_boxes_come_back_from_their_cells(
    maker: RowMaker, box: tuple[float, float, float, float]
) -> None:
    row = maker.row(located(box))
    first, second = (Cell(token - maker.first_cell) for token in row.ids[-4:-2])
    assert iou(box_from_cells(first, second), Box(*box)) > 0.75
    corners = row.corners[1:3]
    # Measured between cell centres, so a corner lies within a cell of the cell's own place.
    for cell, (x, y) in zip((first, second), corners, strict=True):
        down, across = divmod(cell.index, 32)
        assert abs(across - x) <= 0.5 + 1e-6
        assert abs(down - y) <= 0.5 + 1e-6


def test_only_the_answer_is_learned(maker: RowMaker) -> None:
    rows = maker.rows([[located(BOX), Example(LOCATE, ())]])
    learned = (rows.targets != IGNORED).sum(1).tolist()
    assert learned == [5, 1]  # <object>, two cells, </object>, </s>; </s> alone
    for place in (0, 1):
        where = (rows.targets[place] != IGNORED).nonzero()[0].item()
        prompt_end = maker.row(Example(LOCATE, ())).answer - 1
        assert where == prompt_end
    assert (rows.corners[0] != NO_CORNER).any(-1).sum() == 2
    assert not (rows.corners[1] != NO_CORNER).any()


def test_rows_are_padded_on_the_right_and_know_their_image(maker: RowMaker) -> None:
    rows = maker.rows([[Example(LOCATE, ())], [located(BOX), located(BOX)]])
    assert rows.images.tolist() == [0, 1, 1]
    lengths = rows.attention.sum(1)
    assert lengths[0] < lengths[1] == rows.ids.shape[1]
    assert rows.image_places.sum(1).tolist() == [64, 64, 64]


def test_tags_in_a_name_stay_text(maker: RowMaker, processor: Kosmos2Processor) -> None:
    prompt = (Tag.GROUNDING, Tag.PHRASE, ' <object>', Tag.PHRASE_END)
    row = maker.row(Example(prompt, ()))
    assert processor.tokenizer.convert_tokens_to_ids('<object>') not in row.ids


def test_a_new_word_is_spelled_with_characters(maker: RowMaker) -> None:
    assert maker.spelled(' gasket') == ['▁', *'gasket']
    assert maker.spelled(' red') == ['▁red']
