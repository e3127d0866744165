# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From camera images to the model's pixel values, with torch's own resize instead of Pillow.

Both resize with the same antialiased cubic filter in 8 bits and differ in rounding only: by at
most ``MAX_GREY_LEVELS`` of the 255 levels anywhere, and by ``MEAN_GREY_LEVELS`` on average.
"""

from __future__ import annotations

from dataclasses import dataclass
import logging
from typing import Any
import warnings

import numpy as np
from PIL import Image
import torch

from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage

_logger = logging.getLogger(__name__)

MAX_GREY_LEVELS = 2.0
"""Largest distance of a resized value from the reference processor's, in levels of 0..255."""

MEAN_GREY_LEVELS = 0.6
"""Largest mean distance; only patterns as fine as the pixels themselves come near it."""

_PROBE_SHAPES = ((61, 87), (301, 520))
_RAMP_SHAPES = ((60, 160), (160, 60))
_RAMP_TOLERANCE = 0.03


@dataclass(frozen=True)
class FastPixels:
    """
    The image processor of a checkpoint, and the same arithmetic in fewer steps.

    :param reference: the stock image processor.
    :param size: side of the square in pixels.
    :param scale: (1, 3, 1, 1) float32, factor of 8 bit values.
    :param offset: (1, 3, 1, 1) float32, added then.
    """

    reference: Any
    size: int
    scale: torch.Tensor
    offset: torch.Tensor

    def __call__(self, image: RgbImage) -> torch.Tensor:
        """
        Squash and normalise an image.

        :param image: (H, W, 3) uint8 RGB, any strides, not copied where its pixels lie in order.
        :returns: (1, 3, S, S) float32 on the CPU.
        """
        height, width, _ = image.shape
        if height > width:
            # Pillow scales these along the other axis first and clips in between, so results
            # differ by up to 29 levels.
            return reference_pixels(self.reference, image)
        squashed = torch.nn.functional.interpolate(
            _as_tensor(image).permute(2, 0, 1)[None],
            size=(self.size, self.size),
            mode='bicubic',
            antialias=True,
        )
        values = squashed.to(torch.float32, memory_format=torch.contiguous_format)
        return values.mul_(self.scale).add_(self.offset)


def pixel_values(image_processor: Any, image: RgbImage) -> torch.Tensor:
    """Return (1, 3, S, S) float32 on the CPU of (H, W, 3) uint8 RGB, squashed and normalised."""
    if isinstance(image_processor, FastPixels):
        return image_processor(image)
    return reference_pixels(image_processor, image)


def reference_pixels(image_processor: Any, image: RgbImage) -> torch.Tensor:
    """Return (1, 3, S, S) float32 pixel values as the stock image processor makes them."""
    batch = image_processor(image, return_tensors='pt', input_data_format='channels_last')
    values: torch.Tensor = batch['pixel_values']
    return values


def fast_pixels(image_processor: Any, size: int) -> FastPixels | None:
    """Return a fast equivalent of a stock image processor; None where results would differ."""
    if not _only_squashes(image_processor, size):
        _logger.info('the image processor does more than squash images: it is used unchanged')
        return None
    factor = image_processor.rescale_factor if image_processor.do_rescale else 1.0
    mean, deviation = torch.zeros(3), torch.ones(3)
    if image_processor.do_normalize:
        mean = torch.tensor(image_processor.image_mean)
        deviation = torch.tensor(image_processor.image_std)
    fast = FastPixels(
        reference=image_processor,
        size=size,
        scale=(factor / deviation).view(1, 3, 1, 1),
        offset=(-mean / deviation).view(1, 3, 1, 1),
    )
    largest, average = distance_in_grey_levels(fast, _probes())
    if largest <= MAX_GREY_LEVELS and average <= MEAN_GREY_LEVELS:
        return fast
    _logger.warning(
        'resizing with torch is off by up to %.1f grey levels (%.2f on average) here: images take '
        "the slower way of the model's image processor",
        largest,
        average,
    )
    return None


def distance_in_grey_levels(fast: FastPixels, images: list[RgbImage]) -> tuple[float, float]:
    """Return the largest distance and the largest mean distance from the reference processor."""
    distances = [
        ((fast(image) - reference_pixels(fast.reference, image)) / fast.scale).abs()
        for image in images
    ]
    return (
        max(float(distance.max()) for distance in distances),
        max(float(distance.mean()) for distance in distances),
    )


def check_squashes(image_processor: Any, size: int) -> None:
    """
    Check that images are squashed to the model's square, not cropped or padded.

    A processor without ``use_square_size`` crops the middle, and every box is wrong then without
    anything failing. So it is tried on wide and tall ramps.

    :param size: side of the model's input in pixels.
    :raises ModelLoadError: if the corners of an image do not end up in the corners.
    """
    for height, width in _RAMP_SHAPES:
        black, white, ramp = (
            pixel_values(image_processor, image)[0].numpy() for image in _ramps(height, width)
        )
        if ramp.shape != (3, size, size):
            raise ModelLoadError(
                f'the image processor makes {ramp.shape} from {width}x{height} pixels, the model '
                f'needs (3, {size}, {size})'
            )
        seen = (ramp - black) / (white - black)
        if not np.allclose(seen, _ramp(size, size), atol=_RAMP_TOLERANCE):
            raise ModelLoadError(
                'the image processor crops or pads images instead of squashing them: set '
                f'size to {{"height": {size}, "width": {size}}} in its configuration'
            )


def _ramps(height: int, width: int) -> tuple[RgbImage, RgbImage, RgbImage]:
    black = np.zeros((height, width, 3), dtype=np.uint8)
    ramp = np.moveaxis(_ramp(height, width) * 255, 0, -1).round().astype(np.uint8)
    return black, np.full_like(black, 255), ramp


def _ramp(height: int, width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return (3, height, width): x in the first channel, y in the second, x in the third."""
    x = np.broadcast_to((np.arange(width) + 0.5) / width, (height, width))
    y = np.broadcast_to((np.arange(height) + 0.5)[:, None] / height, (height, width))
    return np.stack([x, y, x])


def _only_squashes(image_processor: Any, size: int) -> bool:
    side = {'height': size, 'width': size}
    crops = getattr(image_processor, 'do_center_crop', False)
    return bool(
        image_processor.do_resize
        and dict(image_processor.size) == side
        and image_processor.resample == Image.Resampling.BICUBIC
        and not (crops and dict(image_processor.crop_size) != side)
        and not getattr(image_processor, 'do_pad', False)
    )


def _as_tensor(image: RgbImage) -> torch.Tensor:
    """View an image as a tensor, copying only what torch cannot view: negative strides."""
    if min(image.strides) < 0:
        image = np.ascontiguousarray(image)
    return torch.from_numpy(image)


def _probes() -> list[RgbImage]:
    """Return noise and the finest pattern, in a size below and one above the square."""
    random = np.random.default_rng(0)
    images: list[RgbImage] = []
    for height, width in _PROBE_SHAPES:
        images.append(random.integers(0, 256, (height, width, 3), dtype=np.uint8))
        board = np.indices((height, width)).sum(axis=0) % 2 * 255
        images.append(np.repeat(board[..., None].astype(np.uint8), 3, axis=-1))
    # Images from messages are read-only. torch warns of that once in a process, although nothing
    # here writes: trigger and silence that warning here.
    images[0].flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.from_numpy(images[0])
    return images
