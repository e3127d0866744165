# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.reliability``: cases that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np
import pytest

from kosmos_ros.evaluation.scoring.reliability import (
    area_under_curve,
    brier_score,
    expected_calibration_error,
    Judged,
    negative_log_likelihood,
    reliability,
    roc_curve,
)


def judged(scores: Sequence[float], right: Sequence[int]) -> Judged:
    return Judged(np.array(scores, dtype=np.float64), np.array(right, dtype=np.float64))


def drawn(count: int, sharpness: float = 1.0, seed: int = 1) -> Judged:
    """Draw outcomes whose true log-odds are ``sharpness`` times those of their scores."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(1.0, 2.0, count)
    chance = 1 / (1 + np.exp(-sharpness * odds))
    return Judged(1 / (1 + np.exp(-odds)), (rng.random(count) < chance).astype(np.float64))


def test_one_bin_is_the_distance_of_the_means() -> None:
    assert expected_calibration_error(judged([0.9, 0.7], [1, 0]), bins=1) == pytest.approx(0.3)


def test_bins_hold_equally_many_scores_in_their_order() -> None:
    """Gaps of the bins: (0.1 + 0.3) / 2 - 0 = 0.2, and 1 - (0.8 + 0.9) / 2 = 0.15."""
    scores = judged([0.8, 0.1, 0.9, 0.3], [1, 0, 1, 0])
    assert expected_calibration_error(scores, bins=2) == pytest.approx((0.2 + 0.15) / 2)


def test_errors_of_one_bin_cancel_and_those_of_two_do_not() -> None:
    scores = judged([0.25, 0.75], [1, 0])
    assert expected_calibration_error(scores, bins=1) == pytest.approx(0.0)
    assert expected_calibration_error(scores, bins=2) == pytest.approx(0.75)


def test_uneven_bins_weigh_by_their_counts() -> None:
    """Three scores in two bins: two of gap 0.1 in the first, one of gap 0.4 in the second."""
    scores = judged([0.1, 0.1, 0.6], [0, 0, 1])
    assert expected_calibration_error(scores, bins=2) == pytest.approx((0.2 + 0.4) / 3)


def test_brier_and_likelihood() -> None:
    scores = judged([0.8, 0.4], [1, 0])
    assert brier_score(scores) == pytest.approx((0.04 + 0.16) / 2)
    assert negative_log_likelihood(scores) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert math.isfinite(negative_log_likelihood(judged([1.0, 0.0], [0, 1])))


def test_a_curve_counts_pairs_in_order_and_ties_half() -> None:
    assert area_under_curve(judged([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0])) == pytest.approx(3.5 / 4)
    assert area_under_curve(judged([0.2, 0.8], [1, 0])) == 0.0
    assert math.isnan(area_under_curve(judged([0.2, 0.8], [1, 1])))


def test_what_is_calibrated_is_within_chance() -> None:
    figures = reliability(drawn(4000))
    assert figures.ece < 1.5 * figures.ece_chance
    assert figures.mean_score == pytest.approx(figures.share_right, abs=0.02)


def test_what_is_not_calibrated_stands_out() -> None:
    figures = reliability(drawn(4000, sharpness=0.3))
    assert figures.ece > 5 * figures.ece_chance
    assert figures.ece_low < figures.ece < figures.ece_high
    assert 0.5 < figures.auc == area_under_curve(drawn(4000, sharpness=0.3)) < 1.0


def test_figures_repeat() -> None:
    assert reliability(drawn(200)) == reliability(drawn(200))


def test_nothing_measured_is_no_number() -> None:
    figures = reliability(judged([], []))
    assert figures.count == 0
    assert math.isnan(figures.ece)
    assert math.isnan(figures.nll)


@pytest.mark.parametrize(
    ('scores', 'right', 'message'),
    [
        ([0.5], [1, 0], 'same length'),
        ([1.1], [1], 'within 0..1'),
        ([math.nan], [1], 'within 0..1'),
        ([0.5], [0.5], '0 or 1'),
    ],
)
def test_what_is_no_score_is_refused(
    scores: Sequence[float], right: Sequence[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        judged(scores, right)


def test_the_curve_passes_right_and_wrong_by_score_ties_together() -> None:
    wrong, right = roc_curve(judged([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]))
    assert wrong.tolist() == [0, 0, 0.5, 1]
    assert right.tolist() == [0, 0.5, 1, 1]


def test_the_area_below_the_curve_is_that_of_all_pairs() -> None:
    scores = drawn(300)
    coarse = Judged(scores.scores.round(1), scores.right)
    wrong, right = roc_curve(coarse)
    assert np.trapezoid(right, wrong) == pytest.approx(area_under_curve(coarse))


def test_the_curve_of_nothing_is_a_point() -> None:
    assert [axis.tolist() for axis in roc_curve(judged([], []))] == [[0], [0]]
