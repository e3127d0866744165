# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the newest answers cost and how many there are, for /diagnostics."""

from __future__ import annotations

from collections import deque

from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.endpoints.rates import percentile, Rate

NEWEST = 100
"""Answers that percentiles are about."""


class Statistics:
    """Takes note of answers in the worker's thread; read by another one."""

    def __init__(self) -> None:
        self._count = 0
        self._rate = Rate()
        self._seconds: deque[float] = deque(maxlen=NEWEST)
        self._ages: deque[float] = deque(maxlen=NEWEST)

    def note(self, answer: Answer) -> None:
        """Take note of an answer."""
        self._count += 1
        self._seconds.append(answer.grounding.inference_time)
        self._ages.append(answer.image_age)

    def values(self) -> dict[str, str]:
        """
        Return answers per second, inference times and ages of images in seconds.

        To be called every second or so.
        """
        return {
            'answers per second': f'{self._rate.per_second(self._count):.1f}',
            **_percentiles('inference seconds', list(self._seconds)),
            **_percentiles('image age', list(self._ages)),
        }


def _percentiles(name: str, values: list[float]) -> dict[str, str]:
    return {
        f'{name} p{percent}': f'{percentile(values, percent):.3f}' if values else 'none'
        for percent in (50, 95)
    }
