# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Passes are counted where they happen, whoever asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.bench.measure.ours import Counter


@pytest.fixture(scope='module')
def model(embedded: Path) -> Kosmos2ForConditionalGeneration:
    """Return the embedded model as the library loads it."""
    return Kosmos2ForConditionalGeneration.from_pretrained(embedded).eval()


def test_the_stock_model_is_counted_like_ours(model: Kosmos2ForConditionalGeneration) -> None:
    counter = Counter(model)
    side = model.vision_model.config.image_size
    ids = torch.arange(10, 90)[None]
    slots = torch.zeros_like(ids)
    slots[:, 2 : 2 + model.config.latent_query_num] = 1
    with torch.inference_mode():
        model(
            pixel_values=torch.zeros(1, 3, side, side),
            input_ids=ids,
            image_embeds_position_mask=slots,
        )
        model.text_model(input_ids=ids[:, :1])
    counts = counter.take()
    assert counts.images == 1
    assert [done.tokens for done in counts.passes] == [80, 1]
    assert all(done.seconds > 0 for done in counts.passes)


def test_what_was_taken_is_not_counted_again(model: Kosmos2ForConditionalGeneration) -> None:
    counter = Counter(model)
    with torch.inference_mode():
        model.vision_model(torch.zeros(3, 3, *[model.vision_model.config.image_size] * 2))
    assert counter.take().images == 3
    assert counter.take().images == 0
    assert counter.take().passes == []
