# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Boxes, pixels and regions."""

from __future__ import annotations

import math

from kosmos_ros.core.errors import InvalidRegionError
from kosmos_ros.core.types import Box, Region


def iou(a: Box, b: Box) -> float:
    """Return intersection over union (0..1); 0 where neither box has an area."""
    shared = shared_area(a, b)
    union = a.area + b.area - shared
    return min(1.0, shared / union) if union > 0.0 else 0.0


def shared_area(a: Box, b: Box) -> float:
    """Return the area that two boxes have in common, as a fraction of the image."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, width) * max(0.0, height)


def box_to_pixels(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Return (x0, y0, x1, y1) in pixels, right and lower edge exclusive."""
    return box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height


def box_from_pixels(x0: float, y0: float, x1: float, y1: float, width: int, height: int) -> Box:
    """
    Return the normalised box of pixel corners, clamped to the image.

    :raises ValueError: if the image has no size, or the corners are inverted or not finite.
    """
    if width <= 0 or height <= 0:
        raise ValueError(f'an image needs a width and a height above 0, got {width}x{height}')
    if not (math.isfinite(x0 + y0 + x1 + y1) and x0 <= x1 and y0 <= y1):
        raise ValueError(f'corners need x0 <= x1 and y0 <= y1, got ({x0}, {y0}, {x1}, {y1})')
    return Box(_clamp(x0 / width), _clamp(y0 / height), _clamp(x1 / width), _clamp(y1 / height))


def fit_region(region: Region, width: int, height: int) -> Region:
    """Clamp a region to an image; raise ``InvalidRegionError`` if it lies outside altogether."""
    right = min(region.x + region.width, width)
    bottom = min(region.y + region.height, height)
    if right <= region.x or bottom <= region.y:
        raise InvalidRegionError(
            f'the region x={region.x} y={region.y} width={region.width} height={region.height} '
            f'lies outside the image of {width}x{height} pixels'
        )
    return Region(region.x, region.y, right - region.x, bottom - region.y)


def region_to_box(region: Region, width: int, height: int) -> Box:
    """Return the normalised box of a region; raises as ``fit_region``."""
    fitted = fit_region(region, width, height)
    right, bottom = fitted.x + fitted.width, fitted.y + fitted.height
    return Box(fitted.x / width, fitted.y / height, right / width, bottom / height)


def box_to_region(box: Box, width: int, height: int) -> Region:
    """Return the region of whole pixels of an image that comes closest to a normalised box."""
    left, top = min(round(box.x0 * width), width - 1), min(round(box.y0 * height), height - 1)
    right, bottom = round(box.x1 * width), round(box.y1 * height)
    return Region(left, top, max(1, right - left), max(1, bottom - top))


def uncrop(box: Box, region: Region, width: int, height: int) -> Box:
    """Map a box normalised to a crop onto the image; raises as ``fit_region``."""
    outer = region_to_box(region, width, height)
    x0, x1 = (_clamp(outer.x0 + x * outer.width) for x in (box.x0, box.x1))
    y0, y1 = (_clamp(outer.y0 + y * outer.height) for y in (box.y0, box.y1))
    return Box(x0, y0, x1, y1)


def within(box: Box, region: Region, width: int, height: int) -> Box:
    """Map a box of an image onto a region of it, as far as it lies there; undoes ``uncrop``."""
    x0, y0, x1, y1 = box_to_pixels(box, width, height)
    xs = [_clamp((x - region.x) / region.width) for x in (x0, x1)]
    ys = [_clamp((y - region.y) / region.height) for y in (y0, y1)]
    return Box(xs[0], ys[0], xs[1], ys[1])


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
