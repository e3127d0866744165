# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Rates and times of the newest answers, for /diagnostics."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
import time

from kosmos_ros.ros.answering.question import Answer

WINDOW_SECONDS = 10.0


class Rate:
    """The rate of a counter that is read now and then."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def per_second(self, count: int) -> float:
        """
        Return how often the counter has counted per second, over the last ten or so.

        :param count: its current value; less than before means that it was reset.
        """
        now = time.monotonic()
        if self._samples and count < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, count))
        while now - self._samples[0][0] > WINDOW_SECONDS and len(self._samples) > 2:
            self._samples.popleft()
        since, before = self._samples[0]
        return (count - before) / (now - since) if now > since else 0.0


def percentile(values: Sequence[float], percent: float) -> float:
    """
    Return the smallest value that at least ``percent`` of them do not exceed (nearest rank).

    :raises ValueError: if there are none.
    """
    if not values:
        raise ValueError('a percentile needs at least one value, got none')
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(0, int(rank) - 1)]


NEWEST = 100
"""Answers that percentiles are about."""


class Statistics:
    """Records answers in the worker's thread; read by another one."""

    def __init__(self) -> None:
        self._count = 0
        self._malformed = 0
        self._rate = Rate()
        self._seconds: deque[float] = deque(maxlen=NEWEST)
        self._ages: deque[float] = deque(maxlen=NEWEST)

    def note(self, answer: Answer) -> None:
        """Record an answer."""
        self._count += 1
        self._malformed += answer.grounding.dropped
        self._seconds.append(answer.grounding.inference_time)
        self._ages.append(answer.image_age)

    def values(self) -> dict[str, str]:
        """
        Return answers per second, times and ages of images in seconds, and what was malformed.

        To be called every second or so.
        """
        return {
            'answers per second': f'{self._rate.per_second(self._count):.1f}',
            **_percentiles('inference seconds', list(self._seconds)),
            **_percentiles('image age', list(self._ages)),
            'malformed entities': str(self._malformed),
        }


def _percentiles(name: str, values: list[float]) -> dict[str, str]:
    return {
        f'{name} p{percent}': f'{percentile(values, percent):.3f}' if values else 'none'
        for percent in (50, 95)
    }
