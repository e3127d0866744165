# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Matching the boxes of a new answer with those of the answer before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import Box

MIN_OVERLAP = 0.3
"""Least intersection over union of two boxes that may show the same object."""

MIN_CONTAINED = 0.7
"""Or the least part of the smaller one that the other covers: an object that comes into the image
was answered with a box of the part that was seen."""


class Named(NamedTuple):
    """A box and the phrase it was found for; both of the same image."""

    box: Box
    label: str


def matches(old: Sequence[Named], new: Sequence[Named]) -> dict[int, int]:
    """
    Pair boxes of the same phrase that overlap, the best overlap first, then those within others.

    Where objects of the same phrase cover each other, no rule is certain; the best overlap moves
    boxes least.

    :returns: indices into ``old`` by indices into ``new``, each used once.
    """
    together = [
        (first, second)
        for first, before in enumerate(old)
        for second, now in enumerate(new)
        if before.label == now.label
    ]
    pairs: dict[int, int] = {}
    for likeness, least in ((iou, MIN_OVERLAP), (_contained, MIN_CONTAINED)):
        scores = {pair: likeness(old[pair[0]].box, new[pair[1]].box) for pair in together}
        for first, second in sorted(together, key=lambda pair: -scores[pair]):
            is_free = first not in pairs.values() and second not in pairs
            if is_free and scores[first, second] >= least:
                pairs[second] = first
    return pairs


def _contained(a: Box, b: Box) -> float:
    """Return the share (0..1) of the smaller box within the other one."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    smaller = min(a.area, b.area)
    return max(0.0, width) * max(0.0, height) / smaller if smaller else 0.0
