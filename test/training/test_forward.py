# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.forward``: packed rows give what the stock model gives."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image
import pytest
import torch
from transformers import Kosmos2ForConditionalGeneration

from training.dataset import Batch, make_batch
from training.forward import PackedForward
from training.model import model_config, start_model
from training.packing import pack, PREFIX_LENGTH
from training.table import Table
from training.texts.examples import unseen_example
from training.tokenizer import BOS, IMAGE_SLOTS, shared_processor, token_id

TOLERANCE = 1e-5
"""Logits reach about ten; float32 sums in another order differ by a few millionths."""


@pytest.fixture(scope='module')
def model() -> Kosmos2ForConditionalGeneration:
    return start_model(model_config()).eval()


@pytest.fixture(scope='module')
def batch(make_table: Callable[[int], Table]) -> Batch:
    images = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    return make_batch(Random(0), [(image, make_table(seed)) for seed, image in enumerate(images)])


def stock_logits(
    model: Kosmos2ForConditionalGeneration, image: np.ndarray, ids: list[int]
) -> torch.Tensor:
    """Return the logits of one example behind its image, the way everybody runs the model."""
    slots = list(range(4, 4 + IMAGE_SLOTS))
    prefix = [BOS, token_id('<image>'), *slots, token_id('</image>')]
    all_ids = torch.tensor([prefix + ids])
    mask = torch.zeros_like(all_ids)
    mask[:, 2 : 2 + IMAGE_SLOTS] = 1
    pixels = shared_processor().image_processor(Image.fromarray(image), return_tensors='pt')
    output = model(
        pixel_values=pixels['pixel_values'],
        input_ids=all_ids,
        image_embeds_position_mask=mask,
        attention_mask=torch.ones_like(all_ids),
    )
    return output.logits[0, PREFIX_LENGTH:]


@torch.no_grad()
def test_packed_equals_stock(model: Kosmos2ForConditionalGeneration, batch: Batch) -> None:
    forward = PackedForward(model, torch.float32)
    forward.refresh()
    _, latents = forward.vision(torch.from_numpy(batch.images))
    ids, segments, positions = (torch.from_numpy(array) for array in batch.packed[:3])
    logits = forward.text(latents, ids, segments, positions) @ forward.embeddings.T
    compared = 0
    for image in range(len(batch.images)):
        for number in segments[image].unique().tolist()[1:6]:
            where = segments[image] == number
            expected = stock_logits(model, batch.images[image], ids[image][where].tolist())
            torch.testing.assert_close(logits[image][where], expected, atol=TOLERANCE, rtol=0)
            compared += 1
    assert compared >= 6


@torch.no_grad()
def test_a_phrase_without_an_image_sees_none(
    model: Kosmos2ForConditionalGeneration, batch: Batch
) -> None:
    forward = PackedForward(model, torch.float32)
    forward.refresh()
    _, latents = forward.vision(torch.from_numpy(batch.images[:1]))
    packed = pack([unseen_example('the red cube')])
    ids, segments, positions = (torch.from_numpy(array)[None] for array in packed[:3])
    where = segments[0] == -1
    logits = forward.text(latents, ids, segments, positions)[0][where] @ forward.embeddings.T
    expected = model.text_model(input_ids=ids[0][where][None]).logits[0]
    torch.testing.assert_close(logits, expected, atol=TOLERANCE, rtol=0)


@torch.no_grad()
def test_weights_are_used_as_of_the_last_refresh(batch: Batch) -> None:
    model = start_model(model_config(width=32, vision_layers=1))
    forward = PackedForward(model)
    forward.refresh()
    images = torch.from_numpy(batch.images)
    before, _ = forward.vision(images)
    model.vision_model.model.embeddings.patch_embedding.weight.zero_()
    assert torch.equal(forward.vision(images)[0], before)
    forward.refresh()
    assert not torch.equal(forward.vision(images)[0], before)
