# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is told of the newest answers; rates and percentiles against figures one can count."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kosmos_ros.ros.endpoints import statistics as statistics_module
from kosmos_ros.ros.endpoints.statistics import percentile, Rate, Statistics


def answer(seconds: float, age: float, dropped: int = 0) -> SimpleNamespace:
    grounding = SimpleNamespace(inference_time=seconds, dropped=dropped)
    return SimpleNamespace(grounding=grounding, image_age=age)


def test_before_the_first_answer_there_are_no_times() -> None:
    assert Statistics().values() == {
        'answers per second': '0.0',
        'inference seconds p50': 'none',
        'inference seconds p95': 'none',
        'image age p50': 'none',
        'image age p95': 'none',
        'malformed entities': '0',
    }


def test_the_newest_hundred_count() -> None:
    statistics = Statistics()
    for number in range(1, 201):
        statistics.note(answer(seconds=number / 1000, age=number / 100, dropped=number % 2))
    values = statistics.values()
    assert values['inference seconds p50'] == '0.150'
    assert values['inference seconds p95'] == '0.195'
    assert (values['image age p50'], values['image age p95']) == ('1.500', '1.950')
    assert values['malformed entities'] == '100'


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the test the time, in its only entry."""
    time = [100.0]
    monkeypatch.setattr(statistics_module.time, 'monotonic', lambda: time[0])
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
