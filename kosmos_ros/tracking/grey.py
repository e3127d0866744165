# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The small grey images that boxes are carried through, and the latest of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box

GreyImage = npt.NDArray[np.uint8]
"""(H, W) uint8."""

PixelBox = npt.NDArray[np.float64]
"""(4,) x0, y0, x1, y1 in pixels of a grey image; may reach beyond its edges."""

SIDE = 320
"""Longer side of a grey image in pixels: twice as many are not carried better, and cost more."""

MAX_FRAMES = 256
MAX_BYTES = 16 * 1024**2
"""At 320x240 about 200 images, at 15 Hz those of 14 seconds."""


def small_grey(image: RgbImage) -> GreyImage:
    """Make a grey image of at most ``SIDE`` pixels a side of (H, W, 3) uint8 RGB."""
    height, width = image.shape[:2]
    shrink = min(1.0, SIDE / max(height, width))
    if shrink < 1.0:
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        # Before the conversion to grey: less work for images without padding.
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def to_pixels(box: Box, grey: GreyImage) -> PixelBox:
    """Return a normalised box in pixels of a grey image."""
    height, width = grey.shape
    return np.array([box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height])


def to_box(pixels: PixelBox, grey: GreyImage) -> Box:
    """Return the part of a box that is within the grey image, normalised."""
    height, width = grey.shape
    x0, y0, x1, y1 = np.clip(pixels / [width, height, width, height], 0.0, 1.0).tolist()
    return Box(x0, y0, x1, y1)


def share_inside(pixels: PixelBox, grey: GreyImage) -> float:
    """Return the share (0..1) of a box within the grey image."""
    height, width = grey.shape
    whole = pixels[2:] - pixels[:2]
    inside = np.minimum(pixels[2:], [width, height]) - np.maximum(pixels[:2], 0.0)
    if min(whole) <= 0 or min(inside) <= 0:
        return 0.0
    return float(np.prod(inside) / np.prod(whole))


class FrameHistory:
    """Keeps images in order of arrival; beyond a limit, of pixels' memory too, the oldest go."""

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[tuple[int, GreyImage]] = deque()
        self._bytes = 0

    def add(self, number: int, image: GreyImage) -> None:
        """Add the newest image; ``number`` is larger than those before."""
        self._frames.append((number, image))
        self._bytes += image.nbytes
        while len(self._frames) > self._max_frames or self._bytes > self._max_bytes:
            self._bytes -= self._frames.popleft()[1].nbytes

    def after(self, number: int) -> Iterator[tuple[int, GreyImage]]:
        """Return numbers and images after an image, oldest first."""
        return ((one, image) for one, image in self._frames if one > number)
