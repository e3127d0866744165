# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Repeated measurement and its statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
import time

__all__ = ['Effort', 'median', 'percentile_95', 'repeat']


@dataclass(frozen=True)
class Effort:
    """
    How often to repeat.

    :param least: repeats, however long they take; at least 1.
    :param most: repeats, however short they are.
    :param seconds: no repeat begins after these, except the first ``least``.
    """

    least: int
    most: int
    seconds: float

    def __post_init__(self) -> None:
        """Reject efforts that would measure nothing."""
        if not 1 <= self.least <= self.most:
            raise ValueError(f'expected 1 <= least <= most, got {self.least} and {self.most}')


def repeat(work: Callable[[int], object], effort: Effort) -> list[float]:
    """
    Return the seconds of each repeat.

    :param work: is called with the number of the repeat, from 0 on.
    """
    seconds: list[float] = []
    begin = time.perf_counter()
    while len(seconds) < effort.most:
        start = time.perf_counter()
        if len(seconds) >= effort.least and start - begin > effort.seconds:
            break
        work(len(seconds))
        seconds.append(time.perf_counter() - start)
    return seconds


def percentile_95(values: Sequence[float]) -> float:
    """Return the 95th percentile, interpolated; of a single value that value."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=20, method='inclusive')[-1]
