# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Targets are met, missed or not measured, and say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kosmos_ros.bench.report.ratios import Spread
from kosmos_ros.bench.report.targets import Target, targets, TargetVerdict

LeaveOut = Callable[[dict[str, Any]], None]


def by_name(run: dict[str, Any], part: str) -> Target:
    (found,) = [target for target in targets(run) if part in target.name]
    return found


@pytest.mark.parametrize(
    ('at_least', 'value', 'verdict'),
    [
        (True, 25.0, TargetVerdict.MET),
        (True, 24.9, TargetVerdict.MISSED),
        (False, 25.0, TargetVerdict.MET),
        (False, 25.1, TargetVerdict.MISSED),
        (True, None, TargetVerdict.NOT_MEASURED),
    ],
)
def test_verdicts(at_least: bool, value: float | None, verdict: TargetVerdict) -> None:
    assert Target('speed', 25, at_least, value).verdict is verdict


@pytest.mark.parametrize(
    ('at_least', 'low', 'high', 'verdict'),
    [
        (True, 25.0, 30.0, TargetVerdict.MET),
        (True, 24.0, 30.0, TargetVerdict.UNDECIDED),
        (True, 20.0, 24.0, TargetVerdict.MISSED),
        (False, 20.0, 25.0, TargetVerdict.MET),
        (False, 24.0, 30.0, TargetVerdict.UNDECIDED),
        (False, 26.0, 30.0, TargetVerdict.MISSED),
    ],
)
def test_a_spread_over_the_goal_says_nothing(
    at_least: bool, low: float, high: float, verdict: TargetVerdict
) -> None:
    spread = Spread((low + high) / 2, low, high)
    target = Target('speed', 25, at_least, spread.value, 'x', spread)
    assert target.verdict is verdict
    assert target.value_text == f'{spread.value:.3g}x ({low:.3g} to {high:.3g})'


def test_pairs_are_preferred(run: dict[str, Any]) -> None:
    pair = {'recipe': [30.0, 90.0, 30.0], 'ours': [1.0, 3.0, 1.0]}
    run['models'][1]['pairs'] = {'first_written': pair}
    found = by_name(run, 'first query, against the recipe as written (128 tokens) in b')
    assert found.value == 30
    assert found.verdict is TargetVerdict.MET


def test_ratios_are_of_medians(run: dict[str, Any]) -> None:
    large = run['models'][1]
    large['seed']['bfloat16'] = {'locate': {'128': {'seconds': [30.0]}, '5': {'seconds': [2.0]}}}
    large['seed']['float32'] = {'locate': {'128': {'seconds': [90.0]}}}
    large['ours']['default']['first']['seconds'] = [0.5, 1.0, 9.0]
    large['ours']['default']['later']['seconds'] = [0.5, 0.5]
    large['ours']['default']['eight_phrases']['seconds'] = [1.5]
    large['ours']['int8']['later']['seconds'] = [0.25]
    assert by_name(run, 'first query, against the recipe as written (128 tokens) in b').value == 30
    assert by_name(run, 'in float32').verdict is TargetVerdict.UNDECIDED
    assert by_name(run, 'later query, against the recipe as written').value == 60
    assert by_name(run, 'first query, against the recipe stopped').value == 2
    assert by_name(run, 'later query, against the recipe stopped').value == 4
    assert by_name(run, '8 phrases').verdict is TargetVerdict.UNDECIDED
    assert by_name(run, 'int8').value == 2


def test_encodings_of_later_queries_are_counted(run: dict[str, Any]) -> None:
    assert by_name(run, 'counted').verdict is TargetVerdict.MET
    run['models'][1]['ours']['default']['later']['images'] = [0, 1]
    assert by_name(run, 'counted').verdict is TargetVerdict.MISSED


def test_our_part_of_the_way_includes_the_preparation_of_the_image(run: dict[str, Any]) -> None:
    for model in run['models']:
        sizes = model['ours']['default']['growth']['image_sizes']
        sizes['640x480']['prepare_seconds'] = [0.002]
    assert by_name(run, 'camera').value == pytest.approx(3.0)


def test_what_was_left_out_is_not_met(run: dict[str, Any], leave_out: LeaveOut) -> None:
    leave_out(run['models'][1])
    run['node'] = {'left_out': 'no ROS'}
    assert {target.verdict for target in targets(run)} == {TargetVerdict.NOT_MEASURED}


def test_a_small_model_has_no_targets(run: dict[str, Any]) -> None:
    run['models'] = run['models'][:1]
    assert [target.name for target in targets(run)] == [by_name(run, 'camera').name]
