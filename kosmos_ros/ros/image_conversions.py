# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images: ROS messages <-> (H, W, 3) uint8 RGB arrays.

A message is untrusted: whatever its fields say, the only error is ``InvalidImageError``.
``kosmos_ros.core.raw_images`` tells what becomes of which encoding.
"""

from __future__ import annotations

from array import array
from typing import Union

from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from kosmos_ros.core.images import check_image, RgbImage
from kosmos_ros.core.raw_images import (
    check_layout,
    rgb_from_compressed,
    rgb_from_raw,
    SUPPORTED_ENCODINGS,
)

__all__ = [
    'SUPPORTED_ENCODINGS',
    'ImageMessage',
    'check_layout',
    'compressed_image_from_ros',
    'image_from_ros',
    'image_to_ros',
    'rgb_from_ros',
]

ImageMessage = Union[Image, CompressedImage]

image_from_ros = rgb_from_raw
compressed_image_from_ros = rgb_from_compressed


def rgb_from_ros(message: ImageMessage) -> RgbImage:
    """
    Read a raw or compressed image.

    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: if it is malformed, of an unknown kind or too large.
    """
    if isinstance(message, CompressedImage):
        return compressed_image_from_ros(message)
    return image_from_ros(message)


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
