# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From a model's raw scores on held-out scenes to its calibration, and judging that.

Scalings are fitted on one set of scenes and judged on another; training saw neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.signals import Fusion
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.evaluation.scoring.evidence import Evidence, Given, Score
from kosmos_ros.evaluation.scoring.fitting import fit_scaling, is_enough, scaled
from kosmos_ros.evaluation.scoring.fusing import fit_evidence, Witnessed
from kosmos_ros.evaluation.scoring.reliability import (
    Judged,
    negative_log_likelihood,
    Reliability,
    reliability,
)

THRESHOLD = GrounderSettings().existence_threshold
"""Existence from which a phrase counts as found by default, and its boxes are shown."""

RAW_THRESHOLD = GrounderSettings().raw_existence_threshold
"""The same of a model without a calibration."""

OTHERWISE: Mapping[Score, Score] = {
    Score.CLOSER_EXISTENCE: Score.EXISTENCE,
    Score.CLOSER_BOX: Score.BOX,
}
"""The sort of score whose calibration one takes that has none of its own."""


@dataclass(frozen=True)
class Comparison:
    """Scores of one sort, as the model gives them and calibrated."""

    before: Judged
    after: Judged

    @property
    def is_changed(self) -> bool:
        """Tell whether calibrating changes any of them."""
        return not np.array_equal(self.before.scores, self.after.scores)

    @cached_property
    def figures(self) -> tuple[Reliability, Reliability]:
        """Their reliability, before and after."""
        return reliability(self.before), reliability(self.after)


def fit_calibration(evidence: Evidence) -> Calibration:
    """
    Return the most likely calibration.

    Where signals of existence were measured, a fusion of them takes the place of the scaling if it
    explains more than its weights cost, by the criterion of ``fit_scaling``.

    :param evidence: raw scores, of boxes whatever the existence of their phrases: they are fitted
        on those that remain once phrases with too low an existence are refused.
    """
    # First those that decide which boxes are shown.
    first = {score: evidence.judged(score) for score in (Score.EXISTENCE, Score.CLOSER_EXISTENCE)}
    decide: dict[str, Any] = {score.value: fit_scaling(one) for score, one in first.items()}
    enough = tuple(score.value for score, one in first.items() if is_enough(one))
    existence = Calibration(**decide, fitted=enough)
    fusions = _worthwhile(evidence, existence)
    raw = _judged(evidence, replace(existence, fusions=fusions))
    fitted = tuple(score.value for score, judged in raw.items() if is_enough(judged))
    fields: dict[str, Any] = {score.value: fit_scaling(judged) for score, judged in raw.items()}
    return Calibration(**fields, fitted=fitted, fusions=fusions)


def _worthwhile(evidence: Evidence, scaled_only: Calibration) -> dict[str, Fusion]:
    """Return the fusions that explain more than a scaling, each further number counted."""
    given = [item for item in evidence.given[Score.EXISTENCE] if item.signals]
    fusions = fit_evidence([Witnessed(item.signals, item.right) for item in given if item.signals])
    if not fusions:
        return {}
    before = _cost(given, scaled_only)
    return {
        level: fusion
        for level, fusion in fusions.items()
        if _cost(given, replace(scaled_only, fusions={level: fusion}))
        + len(fusion.weights) * math.log(len(given)) / 2.0
        < before
    }


def _cost(given: Sequence[Given], calibration: Calibration) -> float:
    """Return the summed negative log-likelihood of existences."""
    return len(given) * negative_log_likelihood(_existences(given, calibration))


def _existences(given: Sequence[Given], calibration: Calibration, closer: bool = False) -> Judged:
    values = [calibration.existence_of(item.score, item.signals, closer) for item in given]
    return Judged(
        np.array(values, dtype=np.float64),
        np.array([item.right for item in given], dtype=np.float64),
    )


def compare(evidence: Evidence, calibration: Calibration) -> dict[Score, Comparison]:
    """Apply a calibration to raw scores, as for ``fit_calibration``, that it was not fitted on."""
    compared = {
        score: Comparison(judged, scaled(judged, scaling_of(calibration, score)))
        for score, judged in _judged(evidence, calibration).items()
    }
    for score in (Score.EXISTENCE, Score.CLOSER_EXISTENCE):
        closer = score is Score.CLOSER_EXISTENCE
        after = _existences(evidence.given[score], calibration, closer)
        compared[score] = Comparison(compared[score].before, after)
    return compared


def _judged(evidence: Evidence, calibration: Calibration) -> dict[Score, Judged]:
    """Return the raw scores of each sort, boxes of phrases with enough existence alone."""
    threshold = threshold_of(calibration)

    def is_shown(item: Given, closer: bool = False) -> bool:
        return calibration.existence_of(item.existence, item.signals, closer) >= threshold

    return {
        **{score: evidence.judged(score) for score in Score},
        Score.BOX: evidence.judged(Score.BOX, is_shown),
        Score.CLOSER_BOX: evidence.judged(Score.CLOSER_BOX, partial(is_shown, closer=True)),
    }


def decisions(judged: Judged, threshold: float = THRESHOLD) -> tuple[float, float]:
    """
    Return the share of present objects that pass a threshold, and of absent ones that do not.

    :param judged: existences; a share of nothing is nan.
    """
    passed = judged.scores >= threshold
    there = judged.right == 1.0
    return _share(passed[there]), _share(~passed[~there])


def scaling_of(calibration: Calibration, score: Score) -> Scaling:
    """Return the scaling of one sort of score, of closer looks that of others in its absence."""
    if score in OTHERWISE and not calibration.covers([score.value]):
        score = OTHERWISE[score]
    scaling: Scaling = getattr(calibration, score.value)
    return scaling


def threshold_of(calibration: Calibration) -> float:
    """Return the existence from which a phrase counts as found."""
    return THRESHOLD if calibration.covers([Score.EXISTENCE.value]) else RAW_THRESHOLD


def _share(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float('nan')
