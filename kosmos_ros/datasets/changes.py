# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Changes to images by cameras, drivers and links.

Each change takes an (H, W, 3) uint8 RGB image and the seed of its scene, leaves the image
unchanged, and returns one of the same size, so that the original boxes hold for it.
"""

from __future__ import annotations

from collections.abc import Callable
import io
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from kosmos_ros.core.images.images import RgbImage

Change = Callable[[RgbImage, int], RgbImage]

JPEG_QUALITY = 50
BLUR_PIXELS = 2.0
NOISE_LEVELS = 30.0
MOTION_PIXELS = 15
DIM, BRIGHT = 0.5, 1.4
COARSE = (320, 240)


def jpeg(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Compress as JPEG of quality 50."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'JPEG', quality=JPEG_QUALITY)
    return _as_image(np.asarray(Image.open(stream)))


def blurred(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Put it out of focus: a Gaussian with a standard deviation of 2 pixels."""
    return _as_image(cv2.GaussianBlur(image, (0, 0), BLUR_PIXELS))


def noisy(image: RgbImage, seed: int) -> RgbImage:
    """Add Gaussian noise with a standard deviation of 30 levels of 255 to each value."""
    noise = np.random.default_rng(seed).normal(0.0, NOISE_LEVELS, image.shape)
    return _as_image(image + noise)


def moving(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Move the camera sideways by 15 pixels while the shutter is open."""
    kernel = np.full((1, MOTION_PIXELS), 1.0 / MOTION_PIXELS)
    return _as_image(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def dim(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Make it half as bright."""
    return _as_image(DIM * image.astype(np.float64))


def bright(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Make it 1.4 times as bright, clipped."""
    return _as_image(BRIGHT * image.astype(np.float64))


def coarse(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Reduce it to 320x240 pixels, and enlarge it again."""
    height, width = image.shape[:2]
    small = cv2.resize(image, COARSE, interpolation=cv2.INTER_AREA)
    return _as_image(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def swapped(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Swap red and blue, as a driver does that calls BGR RGB."""
    return _as_image(image[..., ::-1])


def _as_image(values: npt.NDArray[Any]) -> RgbImage:
    """Return a new contiguous image of values, rounded and clipped to 0..255."""
    return np.ascontiguousarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
