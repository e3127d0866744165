# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``backends.kosmos2.signals``: distributions whose signals are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kosmos_ros.backends.kosmos2.signals import (
    free_signals,
    log_likelihoods,
    log_odds,
    phrase_length,
    ratios,
    relative_entropy,
)
from kosmos_ros.core.model.grammar import CELL_COUNT, Tag
from kosmos_ros.core.model.signals import LARGEST_RATIO

UNIFORM = np.full(CELL_COUNT, -np.log(CELL_COUNT), dtype=np.float32)


def peaks(**chances: float) -> np.ndarray:
    """Return log-probabilities of cells, named by their index, and nothing elsewhere."""
    log = np.full(CELL_COUNT, -np.inf, dtype=np.float32)
    for name, chance in chances.items():
        log[int(name.removeprefix('at_'))] = np.log(chance)
    return log


def test_a_sure_corner_and_one_of_two_places() -> None:
    signals = free_signals(0.5, 0.9, peaks(at_100=0.75, at_900=0.25), peaks(at_950=1.0))
    assert signals.opener == pytest.approx(0.0)
    assert signals.location_mass == 0.9
    assert (signals.upper_left_mass, signals.lower_right_mass) == pytest.approx((0.75, 1.0))
    assert signals.rival_mass == pytest.approx(0.25)
    assert signals.upper_left_entropy == pytest.approx(0.5623 / np.log(CELL_COUNT), abs=1e-4)
    assert signals.lower_right_entropy == 0.0


def test_an_unsure_corner() -> None:
    signals = free_signals(1.0, 1.0, UNIFORM, UNIFORM)
    assert signals.lower_right_entropy == pytest.approx(1.0)
    assert relative_entropy(UNIFORM) == pytest.approx(1.0)
    assert signals.upper_left_mass < 0.01
    # The best is the cell in the grid's corner, the next one outside is at its edge.
    assert signals.rival_mass == pytest.approx(4 / CELL_COUNT)


def test_neighbours_are_no_rivals() -> None:
    assert free_signals(1.0, 1.0, peaks(at_100=0.6, at_102=0.4), UNIFORM).rival_mass == 0.0


def test_certainties_have_finite_odds() -> None:
    assert (log_odds(0.0), log_odds(1.0)) == (-LARGEST_RATIO, LARGEST_RATIO)


def test_the_phrase_of_a_prompt_and_what_an_image_adds_to_it() -> None:
    tags = {Tag.PHRASE: 1, Tag.PHRASE_END: 2}
    assert phrase_length((0, 9, 1, 5, 6, 2), tags) == 3
    log = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    assert log_likelihoods(log, [0, 2]) == pytest.approx((np.log(0.5), np.log(0.8)))
    assert ratios((-1.0, -2.0), (-2.5, -1.0)) == pytest.approx((0.5, -1.0))
