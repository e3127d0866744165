# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which box of a new answer is which box of the answer before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import Box

MIN_OVERLAP = 0.3
"""Least intersection over union of two boxes that may show the same object."""


class Named(NamedTuple):
    """A box and the phrase it was found for; both of the same image."""

    box: Box
    label: str


def matches(old: Sequence[Named], new: Sequence[Named]) -> dict[int, int]:
    """
    Pair boxes of the same phrase that overlap, the best overlap first.

    Where objects of the same phrase cover each other, no rule tells them apart for sure; the best
    overlap is what changes places least.

    :returns: indices into ``old`` by indices into ``new``, each used once.
    """
    overlaps = [
        (iou(before.box, now.box), first, second)
        for first, before in enumerate(old)
        for second, now in enumerate(new)
        if before.label == now.label
    ]
    pairs: dict[int, int] = {}
    for overlap, first, second in sorted(overlaps, key=lambda item: -item[0]):
        if overlap >= MIN_OVERLAP and first not in pairs.values() and second not in pairs:
            pairs[second] = first
    return pairs
