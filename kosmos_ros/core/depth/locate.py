# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From boxes in an image to boxes in space, by a depth image of the same view.

A box shows not only the object, but the table it stands on, objects behind and before it, holes,
and mixed depths along edges. So planes found around the box are removed, and the rest is split
where the depth jumps. Parts that lie mostly within the box are the object; neighbours reach out of
it. ``shape`` estimates how much of the object is hidden.

No position is made up: without enough valid depth in a box there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
import math
from operator import itemgetter
from typing import Union

import numpy as np

from kosmos_ros.core.depth.lenses import FloatArray
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.depth.planes import find_planes, Plane
from kosmos_ros.core.depth.segments import BoolArray, connected_parts, IntArray
from kosmos_ros.core.depth.shape import complete
from kosmos_ros.core.depth.view import DepthImage, DepthView, is_valid, touched_pixels, view_box
from kosmos_ros.core.types import Box

_MIN_VALID_SHARE = 0.1
_MIN_VALID = 9
_MAX_PLANES = 3
_PLANE_SHARE = 0.2
"""Share of the points around the box that a plane must hold."""
_MIN_PART = 0.02
"""Share of the valid points in the box that a part of the object must hold."""
_WITHIN = 0.6
"""Share of a part that must lie in the box for the part to be the object's."""
_MAX_GAP = 0.6
"""Share of an object's height that may be hidden above its support: seen from above, a ball
hides its lower half."""
_MIN_GAP = 0.015
"""Metres that may be hidden of any object."""
_SLENDEREST = 3.0
"""Height through width of objects of which only the top is seen."""


@dataclass(frozen=True)
class Box3D:
    """
    An object in space, metres in the camera's optical frame (x right, y down, z forward).

    ``center`` is its middle, hidden parts included, and ``size`` its extent along the frame's
    axes. ``spread`` is the standard deviation of its visible points along each axis, but no less
    than the noise of depth to be expected: the middle is known at least that well.
    """

    center: tuple[float, float, float]
    size: tuple[float, float, float]
    spread: tuple[float, float, float]


@dataclass(frozen=True)
class NoPosition:
    """Why a box has no position."""

    reason: str


Located3D = Union[Box3D, NoPosition]


def locate_boxes(
    depth: DepthImage, camera: PinholeCamera, boxes: Iterable[Box]
) -> tuple[Located3D, ...]:
    """
    Find what boxes show in space.

    :param depth: (H, W) metres along the optical axis, registered to the image of the boxes; those
        not finite or not above 0 are holes.
    :returns: for each box its position, or why there is none.
    :raises ValueError: if the depth image is not of the camera's size.
    """
    if depth.shape != (camera.height, camera.width):
        raise ValueError(
            f'a camera of {camera.width}x{camera.height} pixels needs a depth of shape '
            f'({camera.height}, {camera.width}), got {depth.shape}'
        )
    return tuple(_locate(depth, camera, box) for box in boxes)


def _locate(depth: DepthImage, camera: PinholeCamera, box: Box) -> Located3D:
    problem = _too_little(depth, box)
    if problem is not None:
        return problem
    view = view_box(depth, camera, box)
    if camera.lens is not None and np.count_nonzero(view.valid & view.inside) < _MIN_VALID:
        return NoPosition('its pixels show nothing that the lens of the camera could see')
    planes = list(find_planes(view.surroundings, view.noise, _PLANE_SHARE, _MAX_PLANES))
    mask = _find_object(view, planes)
    if np.count_nonzero(mask) < _MIN_VALID:
        return NoPosition('its points are not connected')
    points = view.points[mask]
    extent = complete(points, _support_of(points, planes))
    x, y, z = np.maximum(points.std(axis=0), view.noise).tolist()
    return Box3D(extent.center, extent.size, (x, y, z))


def _too_little(depth: DepthImage, box: Box) -> NoPosition | None:
    part = depth[touched_pixels(box, depth.shape)]
    valid = np.count_nonzero(is_valid(part))
    if valid >= max(_MIN_VALID, _MIN_VALID_SHARE * part.size):
        return None
    return NoPosition(f'no depth, {valid} of {part.size} pixels of its box are valid')


def _find_object(view: DepthView, planes: Iterable[Plane]) -> BoolArray:
    """Return which points (H, W) of a view belong to the object in the box."""
    free = view.valid.copy()
    for plane in planes:
        free &= np.abs(plane.heights(view.points)) >= plane.tolerance
    step = 3 * view.pitch + view.noise + 0.001
    parts = connected_parts(free, view.points[..., 2], step)
    sizes = np.bincount(parts.ravel())
    within = np.bincount(parts[view.inside], minlength=len(sizes))
    within[0] = 0
    largest = int(within.argmax())
    least = max(_MIN_VALID, _MIN_PART * np.count_nonzero(view.valid & view.inside))
    if within[largest] < least:
        # Nothing stands out: it is as flat as what it lies on.
        return view.valid & view.inside
    chosen = (within >= least) & (within >= _WITHIN * sizes)
    if not chosen.any():
        seen: BoolArray = (parts == largest) & view.inside
        return seen
    return _near(view, parts, chosen, int((within * chosen).argmax()))


def _near(view: DepthView, parts: IntArray, chosen: BoolArray, main: int) -> BoolArray:
    """Return the points of parts that are not far before or behind the main one."""
    depth = view.points[..., 2]
    near, far = np.percentile(depth[parts == main], [2, 98])
    rows, columns = np.nonzero(view.inside)
    reach = 0.5 * view.pitch * min(np.ptp(rows) + 1, np.ptp(columns) + 1)
    kept = [
        part
        for part in np.flatnonzero(chosen)
        if near - reach < np.median(depth[parts == part]) < far + reach
    ]
    near_main: BoolArray = np.isin(parts, kept)
    return near_main


def _support_of(points: FloatArray, planes: Iterable[Plane]) -> Plane | None:
    """Return the plane that an object stands on or hangs at: that with the least gap."""
    gaps = []
    for plane in planes:
        bottom, top = np.percentile(plane.heights(points), [3, 98.5])
        seen_down_to_it = bottom < max(_MIN_GAP, _MAX_GAP * top)
        if bottom > -plane.tolerance and (seen_down_to_it or _may_hide(points, plane, top)):
            gaps.append((bottom / max(top, plane.tolerance), plane))
    return min(gaps, key=itemgetter(0), default=(0.0, None))[1]


def _may_hide(points: FloatArray, plane: Plane, top: float) -> bool:
    """
    Tell whether an object may hide its sides, as one seen straight from above does.

    One that hovers looks the same; but few objects are much higher than wide.
    """
    along = points - plane.heights(points)[:, None] * plane.normal
    # Of something uniform, the extent is the standard deviation times the root of 12. The least
    # of the three is that along the normal, nothing.
    variance = np.linalg.eigvalsh(np.cov(along.T))[1]
    return top < _SLENDEREST * math.sqrt(12 * max(0.0, variance))
