# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``scripts.card.targets``."""

from __future__ import annotations

import math
from typing import Any

import pytest

from kosmos_ros.evaluation.questions.cases import Kind
from scripts.card.targets import floor, KINDS, Measured, misses, sampling_error, Target, TARGETS


def target(goal: float, least: float, at_most: bool = False) -> Target:
    return Target('a figure', goal, least, lambda _: Measured(0.0, 1), at_most=at_most)


def evaluation(value: float, count: int, error: float = 0.01) -> dict[str, Any]:
    """Return an evaluation of which every figure is the same."""
    names = ('Acc@0.5', 'mean IoU', 'accepted', 'all right', 'F1', 'refused', 'exact', 'target')
    figure = {name: {'value': value, 'of': count} for name in names}
    scores = {name: {'ece': error, 'count': count} for name in ('box', 'words')}
    return {'figures': {kind.value: figure for kind in Kind}, 'scores': scores}


def test_the_error_is_that_of_a_difference_of_shares() -> None:
    # Drawn: the spread of the difference between 1000 and 200 throws of a coin that is not fair.
    assert sampling_error(Measured(0.9, 1000), 200) == pytest.approx(0.0232, abs=0.0003)
    assert sampling_error(Measured(0.9, 1000), 800) < sampling_error(Measured(0.9, 1000), 200)
    assert 0.0 < sampling_error(Measured(1.0, 1000), 200) < 0.005


def test_a_floor_lies_below_the_card_and_never_below_what_is_accepted() -> None:
    card = Measured(0.95, 1000)
    assert floor(target(0.97, 0.8), card, 200) == pytest.approx(
        0.95 - 3 * sampling_error(card, 200)
    )
    assert floor(target(0.97, 0.94), card, 200) == 0.94
    assert floor(target(0.97, 0.8), Measured(0.5, 1000), 200) == 0.8  # a worse card is no excuse


def test_a_ceiling_lies_above_the_card_and_never_above_what_is_accepted() -> None:
    card = Measured(0.02, 1000)
    assert 0.02 < floor(target(0.03, 0.1, at_most=True), card, 200) < 0.1
    assert floor(target(0.03, 0.1, at_most=True), Measured(0.2, 1000), 200) == 0.1


def test_what_is_worse_is_told_with_what_was_expected() -> None:
    card = evaluation(0.97, 1000)
    assert list(misses(card, evaluation(0.965, 200, 0.015))) == []
    told = list(misses(card, evaluation(0.85, 200, 0.2)))
    assert len(told) == len(TARGETS)
    assert told[0].startswith('LOCATE, one object: IoU at least 0.5: expected at least 0.9')
    assert told[0].endswith('got 0.850 of 200')
    assert 'expected at most 0.0' in told[-1]


def test_what_was_not_asked_is_not_judged() -> None:
    seen = evaluation(0.1, 200)
    del seen['figures'][Kind.RELATION.value]
    told = ' '.join(misses(evaluation(0.97, 1000), seen))
    assert 'several objects' in told
    assert 'left of' not in told


def test_every_target_reads_kinds_that_are_asked_for() -> None:
    assert len({target.words for target in TARGETS}) == len(TARGETS)
    figures = evaluation(0.5, 10)
    figures['figures'] = {
        kind: value for kind, value in figures['figures'].items() if Kind(kind) in KINDS
    }
    for one in TARGETS:
        assert one.read(figures).count >= 10
        better = one.least < one.goal
        assert better != one.at_most
    assert math.isnan(TARGETS[0].read({'figures': {}}).value)


def test_figures_of_several_kinds_are_pooled_by_their_counts() -> None:
    (ask,) = [one for one in TARGETS if one.words.startswith('ASK')]
    figures = {
        Kind.ASK_COLOR.value: {'exact': {'value': 1.0, 'of': 30}},
        Kind.ASK_COUNT.value: {'exact': {'value': 0.5, 'of': 10}},
    }
    assert ask.read({'figures': figures}) == Measured(0.875, 40)


def test_a_shortfall_is_positive_where_the_goal_is_missed() -> None:
    assert target(0.9, 0.5).shortfall(0.8) == pytest.approx(0.1)
    assert target(0.9, 0.5).shortfall(0.95) < 0
    assert target(0.1, 0.5, at_most=True).shortfall(0.3) == pytest.approx(0.2)
