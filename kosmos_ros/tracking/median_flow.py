# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Finding boxes of one image in the next.

The median flow of Kalal, Mikolajczyk and Matas, Forward-Backward Error: Automatic Detection of
Tracking Failures, ICPR 2010: a grid of points in the box is followed to the next image and back
again (pyramidal Lucas-Kanade); points that do not come back to where they were are dropped, and
the better half of the others moves and scales the box by medians.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.tracking.grey import GreyImage, PixelBox

Points = npt.NDArray[np.float32]
"""(N, 2) x and y in pixels of a grey image."""

GRID = 10
"""Points along each side of a box, as in the paper."""

MAX_RETURN_ERROR = 1.0
"""How far in pixels a point may come back from where it was."""

MIN_POINTS = GRID * GRID // 4
"""
With fewer points that come back, a box is lost.

Of an object that is gone up to 22 points come back by chance; of simulated ones seen from a
camera in motion 44 or more do in 95 of 100 steps.
"""

MAX_SPREAD = 3.0
"""Where half of the points end further in pixels from where the box takes them, it is lost."""

MIN_SIDE = 4.0
"""A box with a shorter side in pixels is lost: there is nothing in it to follow."""

_WINDOW = (11, 11)
_PYRAMID_LEVELS = 3
_NEAR = 0.2
"""Pairs of points closer than this part of the longest distance say little about the scale."""


def carry(before: GreyImage, after: GreyImage, boxes: Sequence[PixelBox]) -> list[PixelBox | None]:
    """
    Find boxes again.

    :param before: the image that the boxes are in.
    :param after: another one of the same size.
    :returns: the boxes in ``after``, None for those that are lost.
    """
    grids = [_grid(box, before) for box in boxes]
    if not sum(map(len, grids)):
        return [None] * len(boxes)
    start = np.concatenate(grids)
    end, error = _follow(before, after, start)
    pieces = np.cumsum([len(grid) for grid in grids])[:-1]
    parts = zip(boxes, grids, np.split(end, pieces), np.split(error, pieces), strict=True)
    return [_moved(*part) for part in parts]


def _grid(box: PixelBox, image: GreyImage) -> Points:
    """Return points spread over the part of a box that is within the image."""
    height, width = image.shape
    low = np.maximum(box[:2], 0.0)
    size = np.minimum(box[2:], [width, height]) - low
    if min(size) < MIN_SIDE:
        return np.empty((0, 2), dtype=np.float32)
    steps = (np.arange(GRID) + 0.5) / GRID
    # Lucas-Kanade counts from the centre of the upper left pixel, boxes from its corner.
    x, y = np.meshgrid(low[0] + steps * size[0] - 0.5, low[1] + steps * size[1] - 0.5)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def _follow(
    before: GreyImage, after: GreyImage, start: Points
) -> tuple[Points, npt.NDArray[np.float32]]:
    """Return the points followed, and their forward-backward errors (inf: lost)."""
    end, there = _flow(before, after, start)
    back, here = _flow(after, before, end)
    error = np.linalg.norm(back - start, axis=1)
    error[~(there & here)] = np.inf
    return end, error


def _flow(
    before: GreyImage, after: GreyImage, start: Points
) -> tuple[Points, npt.NDArray[np.bool_]]:
    # The stubs of OpenCV require a first guess.
    end, found, _ = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]
        before, after, start[:, None], None, winSize=_WINDOW, maxLevel=_PYRAMID_LEVELS
    )
    return end[:, 0], found[:, 0] == 1


def _moved(
    box: PixelBox, start: Points, end: Points, error: npt.NDArray[np.float32]
) -> PixelBox | None:
    good = error <= MAX_RETURN_ERROR
    if np.count_nonzero(good) < MIN_POINTS:
        return None
    good &= error <= np.median(error[good])
    start, end = start[good], end[good]
    scale = _scale(start, end)
    shift = np.median(end - start, axis=0)
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    # Points count from pixel centres, the box from the corner of the image.
    expected = middle + shift + scale * (start + 0.5 - middle)
    if np.median(np.linalg.norm(end + 0.5 - expected, axis=1)) > MAX_SPREAD:
        return None
    moved: PixelBox = np.concatenate(
        [middle + shift - scale * half, middle + shift + scale * half]
    )
    return moved if min(2 * scale * half) >= MIN_SIDE else None


def _scale(start: Points, end: Points) -> float:
    """Return the median ratio of the distances between points."""
    first, second = np.triu_indices(len(start), 1)
    before = np.linalg.norm(start[first] - start[second], axis=1)
    after = np.linalg.norm(end[first] - end[second], axis=1)
    telling = before > _NEAR * before.max()
    return float(np.median(after[telling] / before[telling]))
