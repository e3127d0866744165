# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Extent of an object of which only one side is seen.

A depth image shows surfaces; the middle of an object lies behind them by half of its thickness.

On a support such as a table, with coordinates along the support (away from the camera, and
across) and above it: the object reaches down to the support and up to its highest point, and
across it is seen in full. Away from the camera the far side may be hidden, as that of a ball is.
Objects are mostly as deep behind their highest part as before it (Bohg et al., "Mind the gap -
robotic grasping under incomplete observation", ICRA 2011, complete shapes by that symmetry), so
the front is mirrored there; but no farther than the object is wide, and no nearer than what is
seen.

Without a support the object is as thick as its surface is curved: mirrored at its outline, which
completes a ball, and no thicker than it is wide and high. A flat face does not show what is behind
it, so its middle is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kosmos_ros.core.depth.lenses import FloatArray
from kosmos_ros.core.depth.planes import Plane

_OUTSIDE = 0.4
"""Percent of the points that may lie beyond either end: mixed depths at edges do."""
_TOP = 0.1
"""Part of the height that is the highest part."""
_RELIEF = (2.0, 99.0)
"""Percentiles of residuals that a surface's curvature is taken from."""


@dataclass(frozen=True)
class Extent:
    """Centre and size along the axes of the points, metres."""

    center: tuple[float, float, float]
    size: tuple[float, float, float]


def complete(points: FloatArray, support: Plane | None) -> Extent:
    """
    Return the extent of an object, hidden parts included.

    :param points: (N, 3) metres, its visible surface in the camera's optical frame.
    :param support: what it stands on, None if nothing is known of it.
    """
    center = _free_center(points) if support is None else _standing_center(points, support)
    # Symmetric about its centre, an object reaches as far on the hidden side as on the other.
    first, last = _ends(points)
    reach = np.maximum(last - center, center - first)
    x, y, z = center.tolist()
    width, height, depth = (2 * np.maximum(reach, 0.0)).tolist()
    return Extent((x, y, z), (width, height, depth))


def _standing_center(points: FloatArray, support: Plane) -> FloatArray:
    up = support.normal
    away = _away(points, up)
    across = np.cross(up, away)
    heights, depths = support.heights(points), points @ away
    top = float(_ends(heights)[1])
    left, right = _ends(points @ across)
    near, far = _ends(depths)
    first, last = _ends(depths[heights >= (1 - _TOP) * top - 0.001])
    seen = far - near
    thickness = np.clip(first + last - 2 * near, seen, max(seen, right - left))
    level = away * (near + thickness / 2) + across * ((left + right) / 2)
    center: FloatArray = level + up * (support.offset + top / 2)
    return center


def _away(points: FloatArray, up: FloatArray) -> FloatArray:
    """Return the direction (3,) along the support in which the camera looks at the points."""
    sight = np.median(points, axis=0)
    along = sight - (sight @ up) * up
    length = np.linalg.norm(along)
    if length < 1e-6:
        # Straight from above every direction is as good: take the image's up.
        along = -np.array([0.0, 1.0, 0.0]) + up[1] * up
        length = np.linalg.norm(along)
    direction: FloatArray = along / length
    return direction


def _free_center(points: FloatArray) -> FloatArray:
    (left, upper, _), (right, lower, _) = _ends(points)
    middle = np.array([(left + right) / 2, (upper + lower) / 2])
    flat = np.column_stack([points[:, :2] - middle, np.ones(len(points))])
    slope = np.linalg.lstsq(flat, points[:, 2], rcond=None)[0]
    nearest, farthest = np.percentile(points[:, 2] - flat @ slope, _RELIEF)
    thickness = min(2 * (farthest - nearest), right - left, lower - upper)
    return np.array([*middle, slope[2] + nearest + thickness / 2])


def _ends(values: FloatArray) -> FloatArray:
    """Return where values (N, ...) begin and end, (2, ...), without strays."""
    ends: FloatArray = np.percentile(values, [_OUTSIDE, 100 - _OUTSIDE], axis=0)
    return ends
