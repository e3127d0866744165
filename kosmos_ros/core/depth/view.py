# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The part of a depth image that a box is in."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.depth.lenses import FloatArray
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.depth.segments import BoolArray
from kosmos_ros.core.types import Box

DepthImage = npt.NDArray[np.float32]

_MARGIN = 0.35
"""Of the box's sides, how much around it belongs to the part; at least ``_MIN_MARGIN`` pixels."""
_MIN_MARGIN = 6
_MAX_SIDE = 96
"""Rows and columns that are looked at; larger parts are thinned out."""
_STEEPEST = 100.0
"""Rays nearly across the optical axis come from models that do not fit their lens. Those that are
NaN, as the lens shows nothing there, are no less wrong."""


@dataclass(frozen=True, eq=False)
class DepthView:
    """
    The part of a depth image around a box, thinned out.

    ``points`` (H, W, 3) in metres in the camera's optical frame, zero where not ``valid`` (H, W);
    ``inside`` (H, W) is the box. ``pitch`` is the distance of neighbouring points and ``noise``
    the deviation to be expected of them, both in metres at the box's median depth.
    """

    points: FloatArray
    valid: BoolArray
    inside: BoolArray
    pitch: float
    noise: float

    @property
    def surroundings(self) -> FloatArray:
        """The points (N, 3) that are not in the box."""
        points: FloatArray = self.points[self.valid & ~self.inside]
        return points


def view_box(depth: DepthImage, camera: PinholeCamera, box: Box) -> DepthView:
    """
    Cut out a box with a margin.

    :param depth: (H, W) metres along the optical axis, of the camera's size.
    """
    rows, columns = touched_pixels(box, depth.shape, _MARGIN, _MIN_MARGIN)
    longest = max(rows.stop - rows.start, columns.stop - columns.start)
    stride = math.ceil(longest / _MAX_SIDE)
    y, x = np.mgrid[rows.start : rows.stop : stride, columns.start : columns.stop : stride]
    z = depth[y, x].astype(np.float64)
    ray_x, ray_y = camera.rays(x.astype(np.float64), y.astype(np.float64))
    valid = is_valid(z) & (np.abs(ray_x) < _STEEPEST) & (np.abs(ray_y) < _STEEPEST)
    z[~valid], ray_x[~valid], ray_y[~valid] = 0.0, 0.0, 0.0
    touched_y, touched_x = touched_pixels(box, depth.shape)
    inside = (y >= touched_y.start) & (y < touched_y.stop)
    inside &= (x >= touched_x.start) & (x < touched_x.stop)
    seen = z[inside & valid]
    distance = float(np.median(seen)) if len(seen) else 0.0
    points = np.stack([ray_x * z, ray_y * z, z], axis=-1)
    pitch = distance / min(camera.fx, camera.fy) * stride
    # The error of stereo depth grows with the square of the distance.
    noise = 0.003 + 0.003 * distance**2
    return DepthView(points, valid, inside, pitch, noise)


def is_valid(depth: npt.NDArray[np.floating]) -> BoolArray:
    """Tell which depths are valid: finite and above 0."""
    valid: BoolArray = np.isfinite(depth) & (depth > 0.0)
    return valid


def touched_pixels(
    box: Box, shape: tuple[int, ...], margin: float = 0.0, least: float = 0.0
) -> tuple[slice, slice]:
    """
    Return the rows and columns that a normalised box touches, at least one each.

    :param shape: height and width of the image.
    :param margin: share of the box's sides to add around it, at least ``least`` pixels.
    """
    height, width = shape
    above = max(least, margin * box.height * height)
    beside = max(least, margin * box.width * width)
    rows = _range(box.y0 * height - above, box.y1 * height + above, height)
    return rows, _range(box.x0 * width - beside, box.x1 * width + beside, width)


def _range(start: float, stop: float, count: int) -> slice:
    first = min(count - 1, max(0, math.floor(start)))
    return slice(first, max(first + 1, min(count, math.ceil(stop))))
