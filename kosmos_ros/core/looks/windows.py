# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Parts of an image that are worth a look of their own, in pixels of the image.

The model sees a square of 224 pixels whatever it is shown. A part is chosen so that its sides are
no more unlike than 3:4 to 4:3: what is squashed more looks like something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.types import Box, Region

MODEL_SIDE = 224
"""Pixels along each side of what a KOSMOS-2 model sees."""

LONGEST = 4 / 3
"""Longer through shorter side of a part."""

WIDEST, TALLEST = 2.0, 0.6
"""Width through height beyond which an image is a strip: it is never looked at as a whole."""

_MUCH_LARGER = 4.0
"""Sides of the image through those of the model's square from which on small objects are lost."""

_OVERLAP = 0.25
"""Share of a tile that its neighbour shows too; what is smaller is whole in one of them."""

_FIRST_TILE, _NEXT_TILE = 1.5, 2.0
"""Short side of the image through that of a tile, and of a tile through that of the next finer."""

_LEAST_TILE = 224
"""Short side of the finest tiles: they show each pixel as one of the model's, or larger."""

_FILL = 0.4
"""Share of a zoomed look's side that the longer side of its object takes."""

_LEAST_ZOOM = 48
"""Side of the smallest zoomed look: beyond it there is nothing more to see."""


@dataclass(frozen=True)
class Tile:
    """A part of an image, and how fine its scale is: 0 for the coarsest tiles."""

    region: Region
    scale: int


def is_strip(width: int, height: int) -> bool:
    """Tell whether an image is too long to be looked at as a whole."""
    return not TALLEST <= width / height <= WIDEST


def is_much_larger(width: int, height: int) -> bool:
    """Tell whether an image has so many more pixels than the model sees that much is lost."""
    return max(width, height) >= _MUCH_LARGER * MODEL_SIDE


def needs_parts(width: int, height: int) -> bool:
    """Tell whether a look at an image as a whole does not show all there is."""
    return is_much_larger(width, height) or is_strip(width, height)


def strip_tiles(width: int, height: int) -> tuple[Region, ...]:
    """Return tiles along the longer side of a strip that show all of it."""
    long, short = max(width, height), min(width, height)
    return tuple(_grid(width, height, min(long, short * LONGEST), short, wide=width >= height))


def tiles(width: int, height: int) -> tuple[Tile, ...]:
    """Return overlapping tiles of all scales, the coarsest first."""
    wide, short = width >= height, min(width, height)
    found, scale = [], 0
    side = short / _FIRST_TILE
    while side >= _LEAST_TILE:
        long = min(max(width, height), side * LONGEST)
        found += [Tile(one, scale) for one in _grid(width, height, long, side, wide=wide)]
        side, scale = side / _NEXT_TILE, scale + 1
    return tuple(found)


def zoomed(box: Box, width: int, height: int) -> Region:
    """Return a part of an image around a box that fills it to a third or a half."""
    x0, y0, x1, y1 = box_to_pixels(box, width, height)
    long = max(x1 - x0, y1 - y0, _LEAST_ZOOM * _FILL)
    # Squashed as little as the image allows: a part at its edge is moved in.
    across, down = min(width, long / _FILL), min(height, long / _FILL)
    across, down = min(across, down * LONGEST), min(down, across * LONGEST)
    return _placed(
        (x0 + x1) / 2 - across / 2, (y0 + y1) / 2 - down / 2, across, down, width, height
    )


def _grid(width: int, height: int, long: float, short: float, *, wide: bool) -> Iterator[Region]:
    """Yield tiles of a size that cover an image, row by row."""
    across, down = (long, short) if wide else (short, long)
    for top in _starts(height, down):
        for left in _starts(width, across):
            yield _placed(left, top, across, down, width, height)


def _starts(whole: int, part: float) -> list[float]:
    """Return where parts begin that overlap and cover the whole."""
    count = 1 + max(0, math.ceil((whole - part) / (part * (1 - _OVERLAP)) - 1e-9))
    return [number * (whole - part) / max(1, count - 1) for number in range(count)]


def _placed(
    left: float, top: float, across: float, down: float, width: int, height: int
) -> Region:
    """Return a region of whole pixels, moved into the image."""
    wide, high = max(1, min(width, math.ceil(across))), max(1, min(height, math.ceil(down)))
    x, y = min(max(0, round(left)), width - wide), min(max(0, round(top)), height - high)
    return Region(x, y, wide, high)
