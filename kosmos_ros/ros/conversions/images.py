# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images: ROS messages <-> (H, W, 3) uint8 RGB arrays.

A message is untrusted: whatever its fields say, the only error is ``InvalidImageError``.
``kosmos_ros.core.images.raw_images`` says how each encoding is read.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any, NamedTuple, Union

import numpy.typing as npt
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import check_format, rgb_from_compressed
from kosmos_ros.core.images.images import check_image, RgbImage
from kosmos_ros.core.images.layout import RawImage
from kosmos_ros.core.images.raw_images import (
    check_layout,
    colours_from_raw,
    rgb_from_raw,
    SUPPORTED_ENCODINGS,
)
from kosmos_ros.core.texts import MAX_NAME

__all__ = [
    'IN_PROCESS',
    'SUPPORTED_ENCODINGS',
    'ColourReader',
    'Converters',
    'Decompressor',
    'ImageMessage',
    'ImageReader',
    'check_layout',
    'check_message',
    'compressed_image_from_ros',
    'image_from_ros',
    'image_to_ros',
    'rgb_from_ros',
]

ImageMessage = Union[Image, CompressedImage]

ColourReader = Callable[[RawImage], npt.NDArray[Any]]
"""Returns (H, W, 3) RGB with all bits, as ``colours_from_raw``."""

Decompressor = Callable[[CompressedImage, BitDepth], RgbImage]
"""Decodes compressed images, as ``rgb_from_compressed``."""


class Converters(NamedTuple):
    """What makes RGB of raw images and of compressed ones."""

    colours: ColourReader = colours_from_raw
    decompress: Decompressor = rgb_from_compressed


IN_PROCESS = Converters()
"""All work is done in this process."""

image_from_ros = rgb_from_raw
compressed_image_from_ros = rgb_from_compressed


def check_message(message: ImageMessage) -> None:
    """
    Check all that needs no look at pixels.

    :raises InvalidImageError: if it cannot be read.
    """
    kind = message.format if isinstance(message, CompressedImage) else message.encoding
    longest = max(len(kind), len(message.header.frame_id))
    if longest > MAX_NAME:
        raise InvalidImageError(
            f'frame_id, encoding and format must have at most {MAX_NAME} characters, got {longest}'
        )
    if isinstance(message, CompressedImage):
        check_format(message)
    else:
        check_layout(message)


def rgb_from_ros(message: ImageMessage) -> RgbImage:
    """
    Read a single raw or compressed image.

    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: if it is malformed, of an unknown kind or too large.
    """
    return ImageReader()(message)


class ImageReader:
    """
    Reads the images of one camera, all of them alike; safe to use from several threads.

    :param bits: which of 16 are in use, 8 to 16; 0: as many as are seen.
    :param converters: what the work is done by.
    """

    def __init__(self, bits: int = 0, converters: Converters = IN_PROCESS) -> None:
        self.depth = BitDepth(bits)
        self._converters = converters

    def __call__(self, message: ImageMessage) -> RgbImage:
        """Read an image, as ``rgb_from_ros``."""
        if isinstance(message, CompressedImage):
            return self._converters.decompress(message, self.depth)
        return rgb_from_raw(message, self.depth, self._converters.colours)

    def forget(self) -> None:
        """Forget the bits seen, as when the clock was set back."""
        self.depth.forget()


def image_to_ros(image: RgbImage, header: Header) -> Image:
    """
    Make an ``rgb8`` message.

    :param image: (H, W, 3) uint8 RGB.
    :param header: stamp and frame of the picture; shared, not copied.
    :raises InvalidImageError: if it is no such image.
    """
    image = check_image(image)
    height, width = image.shape[:2]
    message = Image(header=header, height=height, width=width, encoding='rgb8', step=3 * width)
    # Anything but an array('B') would be checked by rclpy byte by byte.
    message.data = array('B', image.tobytes())
    return message
