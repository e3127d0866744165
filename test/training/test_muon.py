# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.muon`` and ``training.pretraining.worker``."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from training.muon import muon_step, Optimizer, Rates, share, Slot
from training.pretraining.worker import HELPERS_ONLY, LARGE_BATCHES, LOWEST, Moment


def slot(name: str, *shape: int, processes: int = 2) -> Slot:
    gradients = [torch.randn(shape) for _ in range(processes)]
    return Slot(name, torch.randn(shape), gradients, torch.zeros(shape), torch.zeros(shape))


@pytest.mark.parametrize('shape', [(48, 48), (96, 32), (32, 96)])
def test_updates_have_even_singular_values(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    for gradient in torch.randn(2, *shape):
        one = slot('vision_model.layers.0.fc1.weight', *shape, processes=0)
        before = one.value.clone()
        muon_step([replace(one, gradients=[gradient])], 0.5, 0.0)
        scale = 0.5 * max(1.0, shape[0] / shape[1]) ** 0.5
        values = torch.linalg.svdvals((before - one.value) / scale)
        assert values.min() > 0.3
        assert values.max() < 1.5


def test_weights_decay_with_the_rate_of_their_matrix() -> None:
    tall, square = slot('layers.fc1', 64, 16), slot('layers.q', 16, 16)
    for one in (tall, square):
        before = one.value.clone()
        for gradient in one.gradients:
            gradient.zero_()
        muon_step([one], 0.1, 0.5)
        factor = 1 - 0.1 * 0.5 * (2.0 if one is tall else 1.0)
        assert torch.allclose(one.value, factor * before)


def test_momentum_is_kept_in_the_shared_state() -> None:
    one = slot('vision_model.layers.0.fc1.weight', 8, 8)
    muon_step([one], 0.1, 0.0)
    assert torch.allclose(one.first, 0.05 * one.gradient())
    muon_step([one], 0.1, 0.0)
    assert torch.allclose(one.first, (0.05 + 0.95 * 0.05) * one.gradient())


def test_processes_share_all_slots() -> None:
    slots = [slot(f'text_model.layers.{i}.fc1.weight', 8, 4 + i) for i in range(7)]
    slots += [slot(f'text_model.layers.{i}.fc1.bias', 4) for i in range(5)]
    parts = [share(slots, rank, 2) for rank in range(2)]
    assert sorted(s.name for part in parts for s in part) == sorted(s.name for s in slots)
    assert all(parts)


def test_gradients_are_averaged() -> None:
    one = slot('embed_tokens.weight', 3, 4)
    assert torch.allclose(one.gradient(), (one.gradients[0] + one.gradients[1]) / 2)


@pytest.mark.parametrize('name', ['vision_model.layers.0.fc1.weight', 'projection.dense.weight'])
def test_steps_lead_downhill(name: str) -> None:
    torch.manual_seed(0)
    target = torch.randn(8, 8)
    one = slot(name, 8, 8, processes=1)
    optimizer = Optimizer([one], Rates(muon=0.05, adam=0.05))
    before = (one.value - target).norm().item()
    for count in range(1, 60):
        one.gradients[0].copy_(one.value - target)
        optimizer.step(1.0, count, count)
    assert (one.value - target).norm().item() < before / 2


def test_the_decoder_waits_until_it_is_its_turn() -> None:
    vision, text = slot('vision_model.bias', 4), slot('text_model.bias', 4)
    before = vision.value.clone(), text.value.clone()
    optimizer = Optimizer([vision, text], Rates())
    optimizer.step(1.0, 1, 0)
    assert not torch.equal(vision.value, before[0])
    assert torch.equal(text.value, before[1])


def test_the_rate_rises_holds_and_falls() -> None:
    assert Moment(0.0, 0, 0).rate_factor == pytest.approx(1 / 40)
    assert Moment(0.05, 100, 0).rate_factor == 1.0
    assert Moment(HELPERS_ONLY, 200, 0).rate_factor < 0.1
    assert Moment(0.1, 300, 100).rate_factor == 1.0
    assert Moment(0.55, 900, 700).rate_factor == pytest.approx(0.5)
    assert Moment(1.0, 2000, 1800).rate_factor == LOWEST


def test_batches_grow_and_helpers_fade() -> None:
    early, late = Moment(0.0, 0, 0), Moment(LARGE_BATCHES, 900, 800)
    assert (early.batch_size(8), late.batch_size(8)) == (8, 16)
    assert early.helper_weight(3.0) == 3.0
    assert Moment(1.0, 9, 9).helper_weight(3.0) == pytest.approx(1.2)
    assert (early.with_text, late.with_text) == (False, True)
