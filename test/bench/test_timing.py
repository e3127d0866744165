# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Repeats end by their number or by the time, never before the least."""

from __future__ import annotations

import time

import pytest

from kosmos_ros.bench.timing import Effort, percentile_95, repeat


def test_short_work_is_repeated_up_to_the_most() -> None:
    numbers: list[int] = []
    assert len(repeat(numbers.append, Effort(1, 5, 100.0))) == 5
    assert numbers == [0, 1, 2, 3, 4]


def test_long_work_is_done_as_often_as_the_least() -> None:
    seconds = repeat(lambda _: time.sleep(0.01), Effort(2, 50, 0.0))
    assert len(seconds) == 2
    assert min(seconds) >= 0.01


@pytest.mark.parametrize(('least', 'most'), [(0, 1), (3, 2)])
def test_an_effort_that_measures_nothing_is_refused(least: int, most: int) -> None:
    with pytest.raises(ValueError, match='least'):
        Effort(least, most, 1.0)


def test_percentile_lies_between_the_values_around_it() -> None:
    assert percentile_95([float(number) for number in range(101)]) == pytest.approx(95)
    assert percentile_95([7.0]) == 7.0
