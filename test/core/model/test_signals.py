# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.signals``, and of the calibration that uses them."""

from __future__ import annotations

from dataclasses import fields, replace
import math

import pytest

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.signals import (
    Fusion,
    includes,
    LARGEST_RATIO,
    LEVELS,
    log_ratio,
    NAMES,
    names_up_to,
    Signals,
)

FREE = Signals(2.0, 1.0, 0.9, 0.8, 0.1, 0.2, 0.05)
BY_PHRASE = replace(FREE, phrase_ratio=3.0, worst_ratio=-1.0)
FUSIONS = {
    'free': Fusion(-1.0, {'upper_left_mass': 2.0}),
    'question': Fusion(0.0, {'plain_yes': 1.0}),
}


def test_every_signal_belongs_to_one_level() -> None:
    assert tuple(NAMES) == LEVELS
    names = [spec.name for spec in fields(Signals)]
    assert list(names_up_to(LEVELS[-1])) == names
    for name in names:
        needed = name in NAMES['free']
        if not needed:
            assert getattr(FREE, name) is None


def test_levels_include_those_before_them() -> None:
    assert includes('question', 'phrase')
    assert not includes('phrase', 'question')
    assert not includes('', 'free')


def test_a_fusion_is_the_sigmoid_of_a_weighted_sum() -> None:
    fusion = Fusion(-1.0, {'opener': 0.5, 'upper_left_mass': 2.0})
    assert fusion(FREE) == pytest.approx(1 / (1 + math.exp(-1.8)))
    assert Fusion(0.0, {'opener': 1e6})(FREE) == 1.0
    assert Fusion(0.0, {'opener': -1e6})(FREE) == 0.0


def test_without_its_signals_there_is_no_fusion() -> None:
    assert Fusion(0.0, {'phrase_ratio': 1.0})(FREE) is None
    assert Fusion(0.0, {'phrase_ratio': 1.0})(BY_PHRASE) == pytest.approx(0.9526, abs=1e-4)


@pytest.mark.parametrize(
    ('intercept', 'weights', 'message'),
    [
        (0.0, {'colour': 1.0}, "'colour' is no signal; there are opener"),
        (0.0, {'opener': math.nan}, 'weight of opener'),
        (math.inf, {'opener': 1.0}, 'finite intercept'),
        (0.0, {}, '0 weights'),
    ],
)
def test_what_cannot_be_computed_is_refused(intercept, weights, message) -> None:
    with pytest.raises(ValueError, match=message):
        Fusion(intercept, weights)


def test_signals_are_numbers() -> None:
    with pytest.raises(ValueError, match='opener must be finite'):
        replace(FREE, opener=math.nan)
    assert log_ratio(math.nan) == 0.0
    assert (log_ratio(math.inf), log_ratio(-99.0)) == (LARGEST_RATIO, -LARGEST_RATIO)


def test_the_best_fusion_of_what_was_measured_takes_the_place_of_the_scaling() -> None:
    calibration = Calibration(existence=Scaling(2.0), fusions=FUSIONS)
    assert calibration.existence_of(0.9, None) == pytest.approx(0.75)
    assert calibration.existence_of(0.9, FREE) == FUSIONS['free'](FREE)
    asked = replace(BY_PHRASE, plain_yes=-2.0, grounded_yes=0.0, tagged_yes=0.0)
    assert calibration.existence_of(0.9, asked) == pytest.approx(1 / (1 + math.exp(2.0)))
    assert Calibration(existence=Scaling(2.0)).existence_of(0.9, FREE) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ('most', 'level'),
    [('free', 'free'), ('phrase', 'free'), ('question', 'question'), ('caption', 'question')],
)
def test_no_more_is_measured_than_is_fused_and_allowed(most: str, level: str) -> None:
    assert Calibration(fusions=FUSIONS).level(most) == level
    assert Calibration().level(most) == ''
