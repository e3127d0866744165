# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From signals of phrases that are there or not to the weights that fuse them, and judging that.

The weights are those of a logistic regression on standardised signals, most likely under the
normal prior of ``fitting``; they are returned for the signals as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.signals import Fusion, LEVELS, names_up_to, Signals
from kosmos_ros.evaluation.scoring.fitting import logistic_weights, MIN_OUTCOMES
from kosmos_ros.evaluation.scoring.reliability import area_under_curve, Floats, Judged

ACCEPTED = 0.95
"""Share of what is there that has to be accepted where it is told how much else is refused."""


@dataclass(frozen=True)
class Witnessed:
    """
    The signals of one phrase, and whether what it names is in the image.

    ``kind`` is that of the question, ``right`` whether its first box is (None: there is none).
    """

    signals: Signals
    present: bool
    kind: str = ''
    right: bool | None = None


@dataclass(frozen=True)
class Separation:
    """
    How well a score tells what is there from what is not.

    ``auc`` is the area under the ROC curve, ``refused`` the share of absent phrases below the
    highest threshold that accepts ``ACCEPTED`` of the present ones.
    """

    auc: float
    refused: float


def fit_evidence(witnessed: Sequence[Witnessed]) -> dict[str, Fusion]:
    """
    Return a fusion for each level whose signals were all measured, for ``Calibration.fusions``.

    :param witnessed: of images that no training has seen, phrases that are there and others.
    :returns: nothing where there are too few phrases of either kind.
    """
    present = sum(one.present for one in witnessed)
    if min(present, len(witnessed) - present) < MIN_OUTCOMES:
        return {}
    names = {level: names_up_to(level) for level in LEVELS}
    return {
        level: _fusion(witnessed, own)
        for level, own in names.items()
        if all(_is_measured(witnessed, name) for name in own)
    }


def separation(scores: npt.ArrayLike, present: npt.ArrayLike) -> Separation:
    """
    Return how well scores, of any scale, separate; nan without phrases of both kinds.

    :param scores: (N,) higher for what is there.
    :param present: (N,) bool.
    """
    values, there = np.asarray(scores, dtype=np.float64), np.asarray(present, dtype=np.bool_)
    if there.all() or not there.any():
        return Separation(float('nan'), float('nan'))
    order = np.unique(values, return_inverse=True)[1].astype(np.float64)
    auc = area_under_curve(Judged(order / max(1.0, order.max()), there.astype(np.float64)))
    threshold = np.quantile(values[there], 1.0 - ACCEPTED, method='lower')
    return Separation(auc, float((values[~there] < threshold).mean()))


def values_of(witnessed: Sequence[Witnessed], name: str) -> Floats:
    """Return (N,) values of a signal that was measured of all."""
    return np.array([getattr(one.signals, name) for one in witnessed], dtype=np.float64)


def _is_measured(witnessed: Sequence[Witnessed], name: str) -> bool:
    return all(getattr(one.signals, name) is not None for one in witnessed)


def _fusion(witnessed: Sequence[Witnessed], names: Sequence[str]) -> Fusion:
    raw = np.stack([values_of(witnessed, name) for name in names], axis=1)
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    varies = spread > 0.0
    spread = np.where(varies, spread, 1.0)
    inputs = np.column_stack([(raw - mean) / spread, np.ones(len(raw))])
    right = np.array([float(one.present) for one in witnessed])
    weights = logistic_weights(inputs, right, np.zeros(len(names) + 1))
    scaled = np.where(varies, weights[:-1] / spread, 0.0)
    return Fusion(
        intercept=float(weights[-1] - scaled @ mean),
        weights={name: float(weight) for name, weight in zip(names, scaled, strict=True)},
    )
