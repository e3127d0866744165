# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reliability of probabilities: predictions against outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 15
RESAMPLES = 500
_EDGE = 1e-9
"""Probabilities are kept this far from 0 and 1 where their logarithm is taken."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Probabilities (N,) float64 in 0..1, and whether each prediction was right, (N,)."""

    scores: Floats
    right: Floats

    def __post_init__(self) -> None:
        """Reject other lists than of probabilities and of zeros and ones."""
        if self.scores.ndim != 1 or self.scores.shape != self.right.shape:
            raise ValueError(
                f'scores and outcomes must be lists of the same length, got shapes '
                f'{self.scores.shape} and {self.right.shape}'
            )
        if not bool(np.all((self.scores >= 0.0) & (self.scores <= 1.0))):
            raise ValueError('scores must be within 0..1')
        if not bool(np.isin(self.right, (0.0, 1.0)).all()):
            raise ValueError('outcomes must be 0 or 1')

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.scores)


@dataclass(frozen=True)
class Reliability:
    """
    Figures of one set of scores; all but ``count`` are nan where there are no scores.

    ``ece`` is the expected calibration error, ``ece_low`` and ``ece_high`` the 95 % interval of a
    bootstrap over questions, and ``ece_chance`` is that of a perfectly calibrated model with the
    same scores on so few questions: an error below it is insignificant. ``auc`` is the area under
    the ROC curve: how well scores order right and wrong, which no calibration changes; nan where
    all are right or all are wrong.
    """

    count: int
    mean_score: float
    share_right: float
    ece: float
    ece_low: float
    ece_high: float
    ece_chance: float
    brier: float
    nll: float
    auc: float


def expected_calibration_error(judged: Judged, bins: int = BINS) -> float:
    """
    Return the mean distance between scores and outcomes, 0 without scores.

    ``sum over bins of n_b / n * |mean score - share right|`` (Naeini et al. 2015, Guo et al.
    2017), over bins of equally many scores (Nguyen and O'Connor 2015), because most scores lie
    close to 0 or 1 and would share one bin of equal width.
    """
    return _binned_error(judged.scores, judged.right, bins) if len(judged) else 0.0


def brier_score(judged: Judged) -> float:
    """Return the mean squared distance of scores from outcomes (Brier 1950)."""
    return float(np.mean((judged.scores - judged.right) ** 2))


def negative_log_likelihood(judged: Judged) -> float:
    """Return the mean of ``-log(probability given to what came true)``, in nats."""
    inside = np.clip(judged.scores, _EDGE, 1.0 - _EDGE)
    return float(-np.mean(np.where(judged.right == 1.0, np.log(inside), np.log1p(-inside))))


def reliability(judged: Judged, seed: int = 0) -> Reliability:
    """
    Return all figures.

    :param seed: of the resampling; the same scores and seed give the same figures.
    """
    if not len(judged):
        return Reliability(0, *[float('nan')] * 9)
    rng = np.random.default_rng(seed)
    low, high = np.percentile(list(_bootstrap(judged, rng)), (2.5, 97.5))
    return Reliability(
        count=len(judged),
        mean_score=float(judged.scores.mean()),
        share_right=float(judged.right.mean()),
        ece=expected_calibration_error(judged),
        ece_low=float(low),
        ece_high=float(high),
        ece_chance=float(np.mean(list(_perfect(judged, rng)))),
        brier=brier_score(judged),
        nll=negative_log_likelihood(judged),
        auc=area_under_curve(judged),
    )


def area_under_curve(judged: Judged) -> float:
    """
    Return the probability that something right scores above something wrong, ties one half.

    This is the area under the ROC curve (Hanley and McNeil 1982); nan without both kinds.
    """
    right = judged.scores[judged.right == 1.0]
    wrong = np.sort(judged.scores[judged.right == 0.0])
    if not (len(right) and len(wrong)):
        return float('nan')
    below = np.searchsorted(wrong, right, side='left')
    below_or_equal = np.searchsorted(wrong, right, side='right')
    return float((below + below_or_equal).mean() / 2.0 / len(wrong))


def roc_curve(judged: Judged) -> tuple[Floats, Floats]:
    """
    Return the false and true positive rates of each threshold.

    :returns: (N,) each, from the strictest threshold, which nothing passes, to the loosest; the
        area below the straight lines between these points is ``area_under_curve``.
    """
    order = np.argsort(-judged.scores, kind='stable')
    right = judged.right[order]
    # Equal scores pass together.
    last = np.append(np.diff(judged.scores[order]) != 0.0, np.ones(min(1, len(order)), bool))
    passed_right = np.cumsum(right)[last]
    passed_wrong = np.cumsum(1.0 - right)[last]
    return (
        np.concatenate([[0.0], passed_wrong]) / max(1.0, float((1.0 - right).sum())),
        np.concatenate([[0.0], passed_right]) / max(1.0, float(right.sum())),
    )


def _binned_error(scores: Floats, right: Floats, bins: int = BINS) -> float:
    gaps = (scores - right)[np.argsort(scores, kind='stable')]
    size, rest = divmod(len(gaps), bins)
    places = np.arange(min(bins, len(gaps)))
    edges = places * size + np.minimum(places, rest)
    return float(np.abs(np.add.reduceat(gaps, edges)).sum() / len(gaps))


def _bootstrap(judged: Judged, rng: np.random.Generator) -> Iterator[float]:
    """Sample the error of as many questions, drawn with replacement."""
    for _ in range(RESAMPLES):
        chosen = rng.integers(0, len(judged), len(judged))
        yield _binned_error(judged.scores[chosen], judged.right[chosen])


def _perfect(judged: Judged, rng: np.random.Generator) -> Iterator[float]:
    """Sample the error of outcomes that follow the scores (Broecker and Smith 2007)."""
    for _ in range(RESAMPLES):
        outcomes = (rng.random(len(judged)) < judged.scores).astype(np.float64)
        yield _binned_error(judged.scores, outcomes)
