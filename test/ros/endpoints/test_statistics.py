# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is told of the newest answers."""

from __future__ import annotations

from types import SimpleNamespace

from kosmos_ros.ros.endpoints.statistics import Statistics


def answer(seconds: float, age: float) -> SimpleNamespace:
    return SimpleNamespace(grounding=SimpleNamespace(inference_time=seconds), image_age=age)


def test_before_the_first_answer_there_are_no_times() -> None:
    assert Statistics().values() == {
        'answers per second': '0.0',
        'inference seconds p50': 'none',
        'inference seconds p95': 'none',
        'image age p50': 'none',
        'image age p95': 'none',
    }


def test_the_newest_hundred_count() -> None:
    statistics = Statistics()
    for number in range(1, 201):
        statistics.note(answer(seconds=number / 1000, age=number / 100))
    values = statistics.values()
    assert values['inference seconds p50'] == '0.150'
    assert values['inference seconds p95'] == '0.195'
    assert (values['image age p50'], values['image age p95']) == ('1.500', '1.950')
