# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From a model's raw scores on held-out scenes to its calibration, and judging that.

Scalings are fitted on one set of scenes and judged on another; training saw neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.evaluation.scoring.evidence import Evidence, Score
from kosmos_ros.evaluation.scoring.fitting import fit_scaling, scaled
from kosmos_ros.evaluation.scoring.reliability import Judged, Reliability, reliability

THRESHOLD = GrounderSettings().existence_threshold
"""Existence from which a phrase counts as found by default, and its boxes are shown."""


@dataclass(frozen=True)
class Comparison:
    """Scores of one sort, as the model gives them and calibrated."""

    before: Judged
    after: Judged

    @cached_property
    def figures(self) -> tuple[Reliability, Reliability]:
        """Their reliability, before and after."""
        return reliability(self.before), reliability(self.after)


def fit_calibration(evidence: Evidence) -> Calibration:
    """
    Return the most likely calibration.

    :param evidence: raw scores, of boxes whatever the existence of their phrases: they are fitted
        on those that remain once phrases with too low an existence are refused.
    """
    raw = _judged(evidence, fit_scaling(evidence.judged(Score.EXISTENCE)))
    scalings: dict[str, Any] = {score.value: fit_scaling(judged) for score, judged in raw.items()}
    return replace(Calibration(), **scalings)


def compare(evidence: Evidence, calibration: Calibration) -> dict[Score, Comparison]:
    """Apply a calibration to raw scores, as for ``fit_calibration``, that it was not fitted on."""
    return {
        score: Comparison(judged, scaled(judged, scaling_of(calibration, score)))
        for score, judged in _judged(evidence, calibration.existence).items()
    }


def _judged(evidence: Evidence, existence: Scaling) -> dict[Score, Judged]:
    """Return the raw scores of each sort, boxes of phrases with enough existence alone."""
    shown = {Score.BOX: raw_threshold(existence)}
    return {score: evidence.judged(score, shown.get(score, 0.0)) for score in Score}


def decisions(judged: Judged, threshold: float = THRESHOLD) -> tuple[float, float]:
    """
    Return the share of present objects that pass a threshold, and of absent ones that do not.

    :param judged: existences; a share of nothing is nan.
    """
    passed = judged.scores >= threshold
    there = judged.right == 1.0
    return _share(passed[there]), _share(~passed[~there])


def scaling_of(calibration: Calibration, score: Score) -> Scaling:
    """Return the scaling of one sort of score."""
    scaling: Scaling = getattr(calibration, score.value)
    return scaling


def raw_threshold(existence: Scaling) -> float:
    """Return the raw existence that a scaling turns into the threshold."""
    back = Scaling(1.0 / existence.temperature, -existence.shift * existence.temperature)
    return back(THRESHOLD)


def _share(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float('nan')
