# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Fitting a ``Scaling`` to outcomes, by maximum likelihood.

The calibrated probability is ``sigmoid(slope * logit(p) + shift)`` with ``slope = 1 /
temperature``: a logistic regression on the log-odds, whose likelihood has one maximum
(Platt 1999; Guo et al. 2017 for the temperature alone). Newton's method finds it.
"""

from __future__ import annotations

import math

import numpy as np

from kosmos_ros.core.model.calibration import Scaling
from kosmos_ros.evaluation.scoring.reliability import Floats, Judged, negative_log_likelihood

MIN_OUTCOMES = 10
"""With fewer right or wrong outcomes than this nothing is fitted."""

_EDGE = 1e-9
_SLOPES = (1 / 20.0, 20.0)
"""A fit outside has diverged: the scores are hardly informative, or perfect."""

_PRIOR = 1.0
"""
Weight of a normal prior of deviation 1 around 'change nothing'.

It is worth a few outcomes among hundreds, and holds the fit where the scores tell right from
wrong without a mistake, so that the likelihood alone would make all of them certain.
"""

_STEPS = 100
_HALVINGS = 30
_TOLERANCE = 1e-10


def scaled(judged: Judged, scaling: Scaling) -> Judged:
    """Return the same outcomes with calibrated scores."""
    scores = np.array([scaling(score) for score in judged.scores], dtype=np.float64)
    return Judged(scores, judged.right)


def is_enough(judged: Judged) -> bool:
    """Tell whether there are enough outcomes of either kind to fit a scaling."""
    right = float(judged.right.sum())
    return min(right, len(judged) - right) >= MIN_OUTCOMES


def fit_scaling(judged: Judged) -> Scaling:
    """
    Return the scaling that explains the outcomes best, with no more parameters than needed.

    Nothing, a temperature, or a temperature and a shift: by the Bayesian information criterion
    (Schwarz 1978) each further parameter has to lower the summed negative log-likelihood by more
    than ``log(n) / 2``.

    :returns: no scaling at all where there are too few outcomes of either kind to fit one.
    """
    if not is_enough(judged):
        return Scaling()
    candidates = (Scaling(), fit_temperature(judged), fit_temperature_and_shift(judged))
    costs = [
        len(judged) * negative_log_likelihood(scaled(judged, candidate))
        + numbers * math.log(len(judged)) / 2.0
        for numbers, candidate in enumerate(candidates)
    ]
    return candidates[int(np.argmin(costs))]


def fit_temperature(judged: Judged) -> Scaling:
    """Return the most likely scaling without a shift."""
    (slope,) = logistic_weights(_odds(judged)[:, None], judged.right, np.array([1.0]))
    return _scaling(float(slope), 0.0)


def fit_temperature_and_shift(judged: Judged) -> Scaling:
    """Return the most likely scaling."""
    odds = _odds(judged)
    inputs = np.stack([odds, np.ones_like(odds)], axis=1)
    slope, shift = logistic_weights(inputs, judged.right, np.array([1.0, 0.0]))
    return _scaling(float(slope), float(shift))


def _odds(judged: Judged) -> Floats:
    inside = np.clip(judged.scores, _EDGE, 1.0 - _EDGE)
    odds: Floats = np.log(inside) - np.log1p(-inside)
    return odds


def _scaling(slope: float, shift: float) -> Scaling:
    return Scaling(1.0 / min(max(slope, _SLOPES[0]), _SLOPES[1]), shift)


def logistic_weights(inputs: Floats, right: Floats, start: Floats) -> Floats:
    """
    Return the weights of a logistic regression.

    :param inputs: (N, K).
    :param right: (N,) zeros and ones.
    :param start: (K,) where to begin, and the centre of the prior.
    """
    weights = start.copy()
    cost = _cost(inputs, right, weights, start)
    for _ in range(_STEPS):
        said = _sigmoid(inputs @ weights)
        gradient = inputs.T @ (said - right) + _PRIOR * (weights - start)
        curvature = (inputs.T * (said * (1.0 - said))) @ inputs + _PRIOR * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        for _ in range(_HALVINGS):
            tried = _cost(inputs, right, weights - step, start)
            if tried <= cost:
                break
            step = step / 2.0
        weights, before, cost = weights - step, cost, min(cost, tried)
        if before - cost < _TOLERANCE:
            break
    return weights


def _cost(inputs: Floats, right: Floats, weights: Floats, centre: Floats) -> float:
    odds = inputs @ weights
    prior = _PRIOR / 2.0 * np.sum((weights - centre) ** 2)
    return float(np.sum(np.logaddexp(0.0, odds) - right * odds) + prior)


def _sigmoid(odds: Floats) -> Floats:
    result: Floats = 0.5 * (1.0 + np.tanh(odds / 2.0))
    return result
