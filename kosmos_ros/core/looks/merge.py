# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One set of boxes from several looks at an image.

Two looks see the same object where their boxes overlap by an IoU of 0.5. Where one of them saw it
only in part, or hardly larger than a cell, it is enough that half of its box lies in the other.
Of boxes of the same object that of the look counts which saw it best, with that look's score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kosmos_ros.core.geometry import iou, shared_area
from kosmos_ros.core.types import Box, ScoredBox

_SAME_IOU = 0.5
_SAME_PART = 0.5
"""Intersection over the smaller box."""

_BEST_FILL = 0.5
"""Share of a look's side from which on a larger object is not seen better."""

SMALL = 4 / 32
"""Share of a look's side, four cells, below which an object deserves a closer look."""

EDGE = 1 / 32
"""What comes so near to the edge of a look, one cell, may go on beyond it."""


@dataclass(frozen=True)
class SeenBox:
    """
    A box in the image, and how one look saw it.

    ``look`` is the number of the look, ``fill`` the longer side of the box as a share (0..1) of
    the look's side, and ``cut`` tells whether it touches an edge of the look that is not the
    image's.
    """

    box: ScoredBox
    look: int
    fill: float
    cut: bool

    @classmethod
    def of(cls, box: ScoredBox, look: int, part: Box) -> SeenBox:
        """
        Return how a look saw a box.

        :param part: what was looked at, normalised to the image, as the box.
        """
        inner, width, height = box.box, part.x1 - part.x0, part.y1 - part.y0
        sides = (
            (inner.x0 - part.x0, part.x0 > 0.0, width),
            (inner.y0 - part.y0, part.y0 > 0.0, height),
            (part.x1 - inner.x1, part.x1 < 1.0, width),
            (part.y1 - inner.y1, part.y1 < 1.0, height),
        )
        cut = any(is_inside and gap < EDGE * side for gap, is_inside, side in sides)
        fill = max((inner.x1 - inner.x0) / width, (inner.y1 - inner.y0) / height)
        return cls(box, look, fill, cut)

    @property
    def is_vague(self) -> bool:
        """Whether another look may see it better."""
        return self.cut or self.fill < SMALL

    @property
    def is_clear(self) -> bool:
        """Whether no other look can see it better."""
        return not self.cut and self.fill >= _BEST_FILL

    @property
    def quality(self) -> tuple[bool, float]:
        """Rank of the look that saw it among looks at the same object."""
        return not self.cut, min(self.fill, _BEST_FILL)


def same_object(one: SeenBox, other: SeenBox) -> bool:
    """Tell whether boxes, most likely of two looks, mean the same object."""
    a, b = one.box.box, other.box.box
    if iou(a, b) >= _SAME_IOU:
        return True
    smaller = min(a.area, b.area)
    is_part = smaller > 0.0 and shared_area(a, b) >= _SAME_PART * smaller
    return is_part and one.look != other.look and (one.is_vague or other.is_vague)


def merged(boxes: Iterable[SeenBox]) -> tuple[SeenBox, ...]:
    """Return each object once, as the look saw it that saw it best; by score, best first."""
    kept: list[SeenBox] = []
    for one in sorted(boxes, key=lambda seen: (seen.quality, seen.box.score), reverse=True):
        if not any(same_object(one, other) for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda seen: -seen.box.score))
