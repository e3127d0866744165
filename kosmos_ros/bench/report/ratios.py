# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How many times one thing takes as long as another one, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles; of a single measurement no bounds are known."""

    value: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """The bounds for people."""
        return 'once' if self.high == inf else f'{self.low:.3g} to {self.high:.3g}'


def spread_of(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles of positive numbers."""
    if len(values) == 1:
        return Spread(values[0], 0.0, inf)
    low, middle, high = quantiles(values, n=4, method='inclusive')
    return Spread(middle, low, high)


def paired_ratio(ones: Sequence[float], others: Sequence[float]) -> Spread:
    """Return the ratio of what was measured in turn, pair by pair."""
    return spread_of([one / other for one, other in zip(ones, others, strict=True)])


def ratio_of(ones: Sequence[float], others: Sequence[float]) -> Spread:
    """Return the ratio of medians of what was measured one after the other, and its extremes."""
    one, other = spread_of(ones), spread_of(others)
    return Spread(median(ones) / median(others), one.low / other.high, _over(one.high, other.low))


def _over(one: float, other: float) -> float:
    return one / other if other else inf
