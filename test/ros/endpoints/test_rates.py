# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Rates and percentiles against figures that can be counted."""

from __future__ import annotations

import pytest

from kosmos_ros.ros.endpoints import rates
from kosmos_ros.ros.endpoints.rates import percentile, Rate


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the test the time, in its only entry."""
    time = [100.0]
    monkeypatch.setattr(rates.time, 'monotonic', lambda: time[0])
    return time


def test_a_rate_is_that_of_the_last_seconds(clock: list[float]) -> None:
    rate = Rate()
    assert rate.per_second(1000) == 0.0
    clock[0] += 1
    assert rate.per_second(1030) == pytest.approx(30)
    for second in range(1, 30):
        clock[0] += 1
        newest = rate.per_second(1030 + 5 * second)
    assert newest == pytest.approx(5)
    clock[0] += 60
    assert 0 < rate.per_second(1030 + 5 * 29 + 1) < 1


def test_a_counter_that_begins_anew_has_no_negative_rate(clock: list[float]) -> None:
    rate = Rate()
    rate.per_second(50)
    clock[0] += 1
    assert rate.per_second(2) == 0.0
    clock[0] += 1
    assert rate.per_second(6) == pytest.approx(4)


@pytest.mark.parametrize(
    ('values', 'percent', 'expected'),
    [
        ([3.0], 50, 3.0),
        ([3.0], 95, 3.0),
        ([4.0, 1.0, 2.0, 3.0], 50, 2.0),
        ([float(value) for value in range(1, 101)], 95, 95.0),
        ([float(value) for value in range(1, 101)], 100, 100.0),
        ([1.0, 2.0], 0, 1.0),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match='at least one value'):
        percentile([], 50)
