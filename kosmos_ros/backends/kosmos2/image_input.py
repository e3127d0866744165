# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From camera images to the model's pixel values, with a check that nothing is cropped."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kosmos_ros.backends.kosmos2.fast_pixels import FastPixels, reference_pixels
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage

_PROBE_SIZES = ((60, 160), (160, 60))
_TOLERANCE = 0.03


def pixel_values(image_processor: Any, image: RgbImage) -> torch.Tensor:
    """
    Squash and normalise an image.

    :param image_processor: the stock image processor of the checkpoint, or a fast one.
    :param image: (H, W, 3) uint8 RGB.
    :returns: (1, 3, S, S) float32 on the CPU.
    """
    if isinstance(image_processor, FastPixels):
        return image_processor(image)
    return reference_pixels(image_processor, image)


def check_squashes(image_processor: Any, size: int) -> None:
    """
    Check that images are squashed to the model's square, not cropped or padded.

    A processor without ``use_square_size`` crops the middle, and every box is wrong then without
    anything failing. So it is tried on wide and tall ramps.

    :param size: side of the model's input in pixels.
    :raises ModelLoadError: if the corners of an image do not end up in the corners.
    """
    for height, width in _PROBE_SIZES:
        black, white, ramp = (
            pixel_values(image_processor, image)[0].numpy() for image in _probes(height, width)
        )
        if ramp.shape != (3, size, size):
            raise ModelLoadError(
                f'the image processor makes {ramp.shape} from {width}x{height} pixels, the model '
                f'needs (3, {size}, {size})'
            )
        seen = (ramp - black) / (white - black)
        if not np.allclose(seen, _ramp(size, size), atol=_TOLERANCE):
            raise ModelLoadError(
                'the image processor crops or pads images instead of squashing them: set '
                f'size to {{"height": {size}, "width": {size}}} in its configuration'
            )


def _probes(height: int, width: int) -> tuple[RgbImage, RgbImage, RgbImage]:
    black = np.zeros((height, width, 3), dtype=np.uint8)
    ramp = np.moveaxis(_ramp(height, width) * 255, 0, -1).round().astype(np.uint8)
    return black, np.full_like(black, 255), ramp


def _ramp(height: int, width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return (3, height, width): x in the first channel, y in the second, x in the third."""
    x = np.broadcast_to((np.arange(width) + 0.5) / width, (height, width))
    y = np.broadcast_to((np.arange(height) + 0.5)[:, None] / height, (height, width))
    return np.stack([x, y, x])
