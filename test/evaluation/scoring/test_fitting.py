# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.fitting``: known scalings are found again."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.core.model.calibration import Scaling
from kosmos_ros.evaluation.scoring.fitting import (
    fit_scaling,
    fit_temperature,
    fit_temperature_and_shift,
    MIN_OUTCOMES,
    scaled,
)
from kosmos_ros.evaluation.scoring.reliability import Judged, negative_log_likelihood


def outcomes_of(scaling: Scaling, count: int = 20_000, seed: int = 5) -> Judged:
    """Draw scores that this scaling makes right."""
    rng = np.random.default_rng(seed)
    scores = 1 / (1 + np.exp(-rng.normal(0.5, 2.0, count)))
    chance = np.array([scaling(score) for score in scores])
    return Judged(scores, (rng.random(count) < chance).astype(np.float64))


@pytest.mark.parametrize('temperature', [0.4, 1.0, 2.5])
def test_a_temperature_is_found_again(temperature: float) -> None:
    found = fit_temperature(outcomes_of(Scaling(temperature)))
    assert found.temperature == pytest.approx(temperature, rel=0.05)
    assert found.shift == 0.0


@pytest.mark.parametrize('scaling', [Scaling(0.5, 2.0), Scaling(2.0, -1.0)])
def test_a_shift_is_found_again(scaling: Scaling) -> None:
    judged = outcomes_of(scaling)
    found = fit_temperature_and_shift(judged)
    assert found.temperature == pytest.approx(scaling.temperature, rel=0.07)
    assert found.shift == pytest.approx(scaling.shift, abs=0.1)
    assert fit_scaling(judged) == found


def test_nothing_lowers_the_likelihood_of_the_best_fit_any_further() -> None:
    judged = outcomes_of(Scaling(0.7, 0.8), count=3000)
    best = fit_temperature_and_shift(judged)
    cost = negative_log_likelihood(scaled(judged, best))
    for temperature in (0.9, 1.1):
        for shift in (-0.1, 0.1):
            other = Scaling(best.temperature * temperature, best.shift + shift)
            assert negative_log_likelihood(scaled(judged, other)) > cost


def test_no_more_numbers_than_called_for() -> None:
    assert fit_scaling(outcomes_of(Scaling(), seed=2)) == Scaling()
    assert fit_scaling(outcomes_of(Scaling(0.5), seed=2)).shift == 0.0


def test_scores_without_a_mistake_do_not_become_certain() -> None:
    scores = np.concatenate([np.full(100, 0.2), np.full(100, 0.8)])
    found = fit_scaling(Judged(scores, (scores > 0.5).astype(np.float64)))
    assert found.temperature < 1.0
    assert 0.9 < found(0.8) < 0.9999


@pytest.mark.parametrize('count', [0, 30])
def test_too_few_mistakes_are_not_fitted(count: int) -> None:
    right = np.ones(count)
    right[: min(count, MIN_OUTCOMES - 1)] = 0.0
    assert fit_scaling(Judged(np.full(count, 0.6), right)) == Scaling()


def test_certain_scores_are_bearable() -> None:
    scores = np.array([0.0, 1.0] * 50)
    right = scores.copy()
    right[:20] = 1.0 - right[:20]
    found = fit_temperature(Judged(scores, right))
    assert found.temperature > 1.0
