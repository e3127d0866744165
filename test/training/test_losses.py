# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.losses`` and ``training.pretraining.validation``."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import torch

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell
from kosmos_ros.core.types import Box
from training.dataset import Batch, make_batch
from training.forward import PackedForward
from training.losses import batch_loss, cell_targets
from training.model import HelperHeads, model_config, start_model
from training.packing import cells_of
from training.pretraining.validation import decoded, overlap, Sums, validate
from training.table import Table
from training.texts.examples import BoxPart

inner = st.floats(0.1, 0.9)


@given(inner, inner)
def test_neighbours_of_a_cell_tell_where_the_corner_is(x: float, y: float) -> None:
    cell = cells_of(BoxPart(x, y, 1, 1))[0]
    corner = torch.tensor([[32 * x - 0.5, 32 * y - 0.5]])
    cells, weights = cell_targets(corner, torch.tensor([cell]))
    assert weights.sum().item() == pytest.approx(1)
    mean_x = (weights * (cells % 32)).sum().item()
    mean_y = (weights * (cells // 32)).sum().item()
    assert (mean_x, mean_y) == pytest.approx(corner[0].tolist(), abs=0.06)


@given(st.integers(0, 1023))
def test_cells_outside_the_image_get_nothing(cell: int) -> None:
    corner = torch.tensor([[float(cell % 32), float(cell // 32)]])
    cells, weights = cell_targets(corner, torch.tensor([cell]))
    assert ((cells >= 0) & (cells < 1024)).all()
    far = ((cells % 32 - cell % 32).abs() > 2) | ((cells // 32 - cell // 32).abs() > 2)
    assert not weights[far].any()
    assert cells[0, weights.argmax()] == cell


@pytest.fixture(scope='module')
def batch(make_table: Callable[[int], Table]) -> Batch:
    images = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    return make_batch(
        Random(0), [(image, make_table(seed)) for seed, image in enumerate(images, start=4)]
    )


def test_a_few_steps_lower_the_loss_and_reach_every_weight(batch: Batch) -> None:
    model = start_model(model_config(width=32, vision_layers=1))
    heads = HelperHeads(32)
    forward = PackedForward(model, torch.float32)
    parameters = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        forward.refresh()
        loss, parts = batch_loss(forward, heads, batch, 1.0, with_text=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert set(parts) == {'words', 'cell', 'helpers'}
    assert all(parameter.grad is not None for parameter in parameters)


def test_without_text_only_the_helpers_learn(batch: Batch) -> None:
    model = start_model(model_config(width=32, vision_layers=1))
    forward = PackedForward(model)
    forward.refresh()
    loss, parts = batch_loss(forward, HelperHeads(32), batch, 1.0, with_text=False)
    loss.backward()
    assert set(parts) == {'helpers'}
    assert model.text_model.model.embed_tokens.weight.grad is None
    assert model.image_to_text_projection.latent_query.grad is not None


@given(st.integers(0, 1023), st.integers(0, 1023))
def test_boxes_are_decoded_as_the_core_does(a: int, b: int) -> None:
    left, right = sorted((a % 32, b % 32))
    top, bottom = sorted((a // 32, b // 32))
    cells = (top * 32 + left, bottom * 32 + right)
    expected = box_from_cells(Cell(cells[0]), Cell(cells[1]))
    ours = decoded(torch.tensor([cells[0]]), torch.tensor([cells[1]]))[0].tolist()
    assert ours == pytest.approx([expected.x0, expected.y0, expected.x1, expected.y1])
    other = Box(0.2, 0.2, 0.7, 0.6)
    mine = overlap(torch.tensor([ours]), torch.tensor([[0.2, 0.2, 0.7, 0.6]])).item()
    assert mine == pytest.approx(iou(expected, other), abs=1e-5)


def test_an_untrained_model_scores_badly(batch: Batch) -> None:
    forward = PackedForward(start_model(model_config(width=32, vision_layers=1)))
    forward.refresh()
    sums = Sums(*validate(forward, [batch, batch]).tolist())
    scores = sums.scores()
    assert sums.boxes > 0
    assert sums.present + sums.absent > 0
    assert scores['iou'] < 0.3
    assert set(scores) == {'iou', 'acc50', 'words', 'present', 'absent'}
