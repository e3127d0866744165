# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Compressed images as ROS messages hold them -> (H, W, 3) uint8 RGB arrays."""

from __future__ import annotations

from typing import Any, Protocol

from kosmos_ros.core.bit_depth import BitDepth
from kosmos_ros.core.errors import UnsupportedImageError
from kosmos_ros.core.images import decode_image, RgbImage


class CompressedImage(Protocol):
    """A ``sensor_msgs/CompressedImage``; ``data`` is a buffer of bytes."""

    format: str
    data: Any


def check_format(message: CompressedImage) -> None:
    """
    Check that a message is not of a kind that is not read at all.

    :raises UnsupportedImageError: if it is.
    """
    if 'compresseddepth' in message.format.lower():
        raise UnsupportedImageError(f'expected a colour image, got the format {message.format!r}')


def rgb_from_compressed(message: CompressedImage, depth: BitDepth | None = None) -> RgbImage:
    """
    Decode a compressed colour image: JPEG, PNG and the other formats of ``decode_image``.

    :param depth: which of 16 bits matter; None: as many as the image has.
    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: if it is a depth image, damaged or too large.
    """
    check_format(message)
    return decode_image(bytes(message.data), depth)
