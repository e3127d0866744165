# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How often something happens, and how long it takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
import time

WINDOW_SECONDS = 10.0


class Rate:
    """Turns a counter that is read now and then into how often it counts."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def per_second(self, count: int) -> float:
        """
        Return how often the counter has counted per second, over the last ten or so.

        :param count: what it shows now; less than before means that it began anew.
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
