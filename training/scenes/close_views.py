# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Parts of large images, as a model is shown them that takes a closer look.

The whole image, in which far objects are a few pixels wide; tiles of all sizes; and an object that
fills a good part of a view, enlarged more than its pixels are sharp, without an edge of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from kosmos_ros.core.types import Box
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject

Window = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

FEWEST_PIXELS = 60
"""Of the large image; fewer show no shape."""

_ASPECTS = (0.75, 4 / 3)
_LEAST_SIDE = 44.0


def windows(rng: np.random.Generator, frame: RenderedFrame, count: int) -> Iterator[Window]:
    """Yield parts of an image to show: first the whole, unless it is a strip."""
    height, width = frame.rgb.shape[:2]
    is_strip = not 0.5 < width / height < 2.0
    if not is_strip:
        yield 0.0, 0.0, float(width), float(height)
    for number in range(count - (not is_strip)):
        yield _zoomed(rng, frame) if number % 2 and frame.objects else _tile(rng, frame)


def _tile(rng: np.random.Generator, frame: RenderedFrame) -> Window:
    """Return a part of any size, rather one with objects in it."""
    height, width = frame.rgb.shape[:2]
    side = min(height, width) * np.exp(rng.uniform(np.log(0.2), 0.0))
    center = rng.uniform(0.0, 1.0, 2) * (width, height)
    if frame.objects and rng.random() < 0.75:
        center = _center(_any(rng, frame), width, height) + rng.uniform(-0.5, 0.5, 2) * side
    return _around(rng, center, side, width, height)


def _zoomed(rng: np.random.Generator, frame: RenderedFrame) -> Window:
    """Return a part that an object fills to between a quarter and two thirds."""
    height, width = frame.rgb.shape[:2]
    thing = _any(rng, frame)
    longest = max(thing.box.width * width, thing.box.height * height)
    side = max(_LEAST_SIDE, longest / rng.uniform(0.25, 0.67))
    aside = rng.normal(0.0, 0.12, 2) * side
    return _around(rng, _center(thing, width, height) + aside, side, width, height)


def _around(
    rng: np.random.Generator, center: npt.NDArray[np.float64], side: float, width: int, height: int
) -> Window:
    """Return a window of about this side, moved into the image."""
    stretch = np.sqrt(np.exp(rng.uniform(*np.log(_ASPECTS))))
    extent = np.minimum((side * stretch, side / stretch), (width, height))
    low = np.clip(center - extent / 2, 0.0, np.array([width, height]) - extent)
    x0, y0, x1, y1 = np.concatenate([low, low + extent]).round().tolist()
    return x0, y0, x1, y1


def _any(rng: np.random.Generator, frame: RenderedFrame) -> VisibleObject:
    return frame.objects[int(rng.integers(len(frame.objects)))]


def _center(thing: VisibleObject, width: int, height: int) -> npt.NDArray[np.float64]:
    box = thing.box
    return np.array([(box.x0 + box.x1) / 2 * width, (box.y0 + box.y1) / 2 * height])


def shown(frame: RenderedFrame, window: Window, side: int) -> npt.NDArray[np.uint8]:
    """Return (side, side, 3) uint8: a window, squashed as the model's image processor does."""
    size = (side, side)
    image = Image.fromarray(frame.rgb).resize(size, Image.Resampling.BICUBIC, window)
    return np.asarray(image)


def seen(frame: RenderedFrame, window: Window) -> tuple[VisibleObject, ...]:
    """Return the objects that a window shows, as it shows them."""
    height, width = frame.rgb.shape[:2]
    x0, y0, x1, y1 = window
    things = []
    for thing in frame.objects:
        box = thing.box
        left, right = max(box.x0 * width, x0), min(box.x1 * width, x1)
        top, bottom = max(box.y0 * height, y0), min(box.y1 * height, y1)
        if right <= left or bottom <= top:
            continue
        kept = (right - left) * (bottom - top) / (box.area * width * height)
        part = Box(
            (left - x0) / (x1 - x0),
            (top - y0) / (y1 - y0),
            (right - x0) / (x1 - x0),
            (bottom - y0) / (y1 - y0),
        )
        share = thing.pixels * kept / ((x1 - x0) * (y1 - y0))
        things.append(replace(thing, box=part, inside=thing.inside * kept, image_share=share))
    return tuple(things)
