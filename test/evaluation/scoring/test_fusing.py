# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``evaluation.scoring.fusing``: known weights are found again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kosmos_ros.core.model.signals import Signals
from kosmos_ros.evaluation.scoring.fusing import fit_evidence, separation, Witnessed


def witnessed(count: int, with_phrase: bool = False, seed: int = 3) -> list[Witnessed]:
    """Draw phrases that are there with ``sigmoid(2 + 3 * opener - 8 * rival_mass)``."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        opener, rival = rng.normal(), rng.uniform()
        chance = 1 / (1 + math.exp(-(2 + 3 * opener - 8 * rival)))
        ratio = float(rng.normal()) if with_phrase else None
        signals = Signals(opener, 1.0, *rng.uniform(size=4), rival, ratio, ratio)
        drawn.append(Witnessed(signals, bool(rng.random() < chance)))
    return drawn


def test_weights_are_found_again() -> None:
    fusions = fit_evidence(witnessed(20_000))
    assert list(fusions) == ['free']
    fusion = fusions['free']
    assert fusion.intercept == pytest.approx(2.0, abs=0.3)
    assert fusion.weights['opener'] == pytest.approx(3.0, rel=0.07)
    assert fusion.weights['rival_mass'] == pytest.approx(-8.0, rel=0.07)
    assert fusion.weights['location_mass'] == 0.0  # it never varies
    assert abs(fusion.weights['upper_left_mass']) < 0.3


def test_there_is_a_fusion_for_each_level_that_was_measured() -> None:
    drawn = witnessed(300, with_phrase=True)
    assert list(fit_evidence(drawn)) == ['free', 'phrase']
    assert list(fit_evidence([*drawn, *witnessed(1)])) == ['free']


def test_too_few_phrases_of_a_kind_give_none() -> None:
    assert fit_evidence([]) == {}
    assert fit_evidence([one for one in witnessed(300) if one.present]) == {}


def test_it_tells_on_others_what_is_there() -> None:
    fusion = fit_evidence(witnessed(500))['free']
    judged = witnessed(500, seed=4)
    there = [one.present for one in judged]
    fused = separation([fusion(one.signals) for one in judged], there)
    alone = separation([one.signals.opener for one in judged], there)
    assert fused.auc > alone.auc + 0.05
    assert fused.refused > alone.refused


def test_what_is_refused_where_enough_is_accepted() -> None:
    there = [True] * 100 + [False] * 4
    found = separation([*range(100), 1.0, 5.0, 50.0, -7.0], there)
    assert found.refused == 0.5  # 5 of what is there lies below 5
    assert found.auc == pytest.approx(np.mean([0.985, 0.945, 0.495, 1.0]))
    assert math.isnan(separation([1.0], [True]).auc)
