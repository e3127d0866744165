# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How far figures of fewer scenes may be below those of the card."""

from __future__ import annotations

from collections.abc import Iterator
import math

from scripts.card.targets import Data, Measured, Target, TARGETS

SIGMAS = 3.0


def sampling_error(card: Measured, count: int) -> float:
    """
    Return the standard deviation of the difference between two samples of one share.

    ``sqrt(p (1 - p) (1 / n + 1 / m))``, with p from two successes and two failures more than were
    seen (Agresti and Coull 1998), so that it is not nothing at a share of 1. Of means of values
    within 0..1, such as IoU, it is an upper bound.

    :param card: the share in one sample.
    :param count: size of the other.
    """
    share = (card.value * card.count + 2.0) / (card.count + 4.0)
    return math.sqrt(share * (1.0 - share) * (1.0 / card.count + 1.0 / max(1, count)))


def floor(target: Target, card: Measured, count: int) -> float:
    """
    Return the worst value of ``count`` answers that the card and ``Target.least`` allow.

    Three standard deviations from the card's value, and never beyond ``least``. A ceiling where
    less is better.
    """
    margin = SIGMAS * sampling_error(card, count)
    if target.at_most:
        return min(card.value + margin, target.least)
    return max(card.value - margin, target.least)


def misses(card: Data, seen: Data) -> Iterator[str]:
    """Return which of the measured figures are worse than allowed."""
    for target in TARGETS:
        there = target.read(seen)
        if not there.count:
            continue
        limit = floor(target, target.read(card), there.count)
        beyond = there.value > limit if target.at_most else there.value < limit
        if beyond:
            wanted = 'at most' if target.at_most else 'at least'
            yield (
                f'{target.words}: expected {wanted} {limit:.3f}, got {there.value:.3f} of '
                f'{there.count}'
            )
