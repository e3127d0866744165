# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where labels go: near their box, inside the picture, not on top of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in pixels of the picture, right and lower edge exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float

    def gap(self, other: Rectangle) -> float:
        """Return the distance between the two along both axes; 0 if they touch."""
        across = max(self.x0 - other.x1, other.x0 - self.x1, 0.0)
        down = max(self.y0 - other.y1, other.y0 - self.y1, 0.0)
        return across + down


def place_label(
    size: tuple[float, float],
    box: Rectangle,
    canvas: Rectangle,
    taken: Sequence[Rectangle],
    boxes: Sequence[Rectangle] = (),
) -> Rectangle:
    """
    Choose a place for a label.

    :param size: width and height of the label.
    :param box: what it labels.
    :param canvas: where labels may be; a label larger than it starts at its upper left.
    :param taken: labels that are placed already.
    :param boxes: what to leave uncovered if possible.
    :returns: of the usual places around the box that are free, the one that covers the least of
        ``boxes``; else the free place nearest to the box; else the place that covers the least of
        other labels.
    """
    around = [_moved_into(place, canvas) for place in _around(size, box)]
    free = _free(around, taken)
    if free:
        return free[int(np.argmin(_covered(free, boxes)))]
    anywhere = [_moved_into(place, canvas) for place in _anywhere(size, box, canvas)]
    free = _free(anywhere, taken)
    if free:
        gaps = np.array([place.gap(box) for place in free])
        return free[int(np.lexsort((_covered(free, boxes), gaps))[0])]
    candidates = [*around, *anywhere]
    return candidates[int(np.argmin(_covered(candidates, taken)))]


def _around(size: tuple[float, float], box: Rectangle) -> Iterator[Rectangle]:
    """Yield the usual places, best first: above, below, inside, beside the box."""
    width, height = size
    left, right = box.x0, box.x1 - width
    rows_and_columns = (
        (box.y0 - height, (left, right)),
        (box.y1, (left, right)),
        (box.y0, (left, right)),
        (box.y1 - height, (left, right)),
        (box.y0, (box.x1, box.x0 - width)),
        (box.y1 - height, (box.x1, box.x0 - width)),
    )
    for y, columns in rows_and_columns:
        for x in columns:
            yield Rectangle(x, y, x + width, y + height)


def _anywhere(size: tuple[float, float], box: Rectangle, canvas: Rectangle) -> Iterator[Rectangle]:
    """Yield places in rows over the whole canvas, at the columns where the box suggests them."""
    width, height = size
    columns = (box.x0, box.x1 - width, box.x1, box.x0 - width, canvas.x0, canvas.x1 - width)
    rows = max(1, int((canvas.y1 - canvas.y0) // max(1.0, height)))
    for row in range(rows):
        y = canvas.y0 + row * height
        for x in columns:
            yield Rectangle(x, y, x + width, y + height)


def _moved_into(place: Rectangle, canvas: Rectangle) -> Rectangle:
    width, height = place.x1 - place.x0, place.y1 - place.y0
    x = max(canvas.x0, min(place.x0, canvas.x1 - width))
    y = max(canvas.y0, min(place.y0, canvas.y1 - height))
    return Rectangle(x, y, x + width, y + height)


def _free(places: list[Rectangle], taken: Sequence[Rectangle]) -> list[Rectangle]:
    covered = _covered(places, taken)
    return [place for place, area in zip(places, covered, strict=True) if area == 0.0]


def _covered(places: Sequence[Rectangle], others: Sequence[Rectangle]) -> npt.NDArray[np.float64]:
    """Return for each place the area of it that others cover, shape (len(places),)."""
    ours = np.array([astuple(place) for place in places]).reshape(-1, 1, 4)
    theirs = np.array([astuple(other) for other in others]).reshape(1, -1, 4)
    sides = np.minimum(ours[..., 2:], theirs[..., 2:]) - np.maximum(ours[..., :2], theirs[..., :2])
    covered: npt.NDArray[np.float64] = np.maximum(sides, 0.0).prod(axis=2).sum(axis=1)
    return covered
