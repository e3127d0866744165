# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Connected parts of a depth image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.depth.lenses import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Row and column steps to half of the eight neighbours; the other half links back."""


def connected_parts(points: BoolArray, depth: FloatArray, step: float) -> IntArray:
    """
    Number the connected parts of ``points`` (H, W).

    :param step: neighbours whose ``depth`` differs by less than this, in metres, are connected.
    :returns: (H, W) numbers of the parts, from 1 without gaps; 0 for the other points.
    """
    links = [_link(points, depth, step, rows, columns) for rows, columns in _NEIGHBOURS]
    # Every point starts with a number of its own, and takes the least one of its neighbourhood.
    # Following numbers as if they were addresses halves the way to go each time.
    parts = np.where(points.ravel(), np.arange(1, points.size + 1), 0)
    while True:
        before = parts.copy()
        grid = parts.reshape(points.shape)
        for first, second, linked in links:
            least = np.minimum(grid[first], grid[second])
            grid[first] = np.where(linked, least, grid[first])
            grid[second] = np.where(linked, np.minimum(least, grid[second]), grid[second])
        parts[parts > 0] = parts[parts[parts > 0] - 1]
        if np.array_equal(parts, before):
            break
    numbers = np.unique(parts[parts > 0])
    numbered: IntArray = np.where(parts > 0, np.searchsorted(numbers, parts) + 1, 0)
    return numbered.reshape(points.shape)


def _link(
    points: BoolArray, depth: FloatArray, step: float, rows: int, columns: int
) -> tuple[tuple[slice, slice], tuple[slice, slice], BoolArray]:
    """Return where the first and second point of each pair are, and which pairs are linked."""
    height, width = points.shape
    left, right = max(0, columns), max(0, -columns)
    first = slice(0, height - rows), slice(right, width - left)
    second = slice(rows, height), slice(left, width - right)
    near = np.abs(depth[first] - depth[second]) < step
    return first, second, points[first] & points[second] & near
