# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images as ROS messages hold them -> (H, W, 3) uint8 RGB arrays.

Messages of rclpy and those that ``rosbags`` reads without ROS have the same fields. They are
untrusted: whatever the fields say, the only error is ``InvalidImageError``, and the size is
checked before a pixel is touched. Names of encodings are those of
``sensor_msgs/image_encodings.hpp``; types without a colour order are read as ``cv_bridge`` users
expect them (``8UC3`` as BGR). A ``BitDepth`` says which bits of 16-bit images are in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.core.errors import InvalidImageError, UnsupportedImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.images import check_image, RgbImage
from kosmos_ros.core.images.layout import check_data, RawImage
from kosmos_ros.core.images.picture_costs import check_size


class _Encoding(NamedTuple):
    channels: int
    item_size: int  # bytes of one channel
    to_rgb: int | None  # OpenCV's conversion code, None: is RGB
    width_divisor: int = 1
    height_divisor: int = 1
    planes: float = 1.0  # rows in the message for each row of the picture


_ENCODINGS = {
    'rgb8': _Encoding(3, 1, None),
    'rgba8': _Encoding(4, 1, cv2.COLOR_RGBA2RGB),
    'bgr8': _Encoding(3, 1, cv2.COLOR_BGR2RGB),
    'bgra8': _Encoding(4, 1, cv2.COLOR_BGRA2RGB),
    'mono8': _Encoding(1, 1, cv2.COLOR_GRAY2RGB),
    'rgb16': _Encoding(3, 2, None),
    'rgba16': _Encoding(4, 2, cv2.COLOR_RGBA2RGB),
    'bgr16': _Encoding(3, 2, cv2.COLOR_BGR2RGB),
    'bgra16': _Encoding(4, 2, cv2.COLOR_BGRA2RGB),
    'mono16': _Encoding(1, 2, cv2.COLOR_GRAY2RGB),
    '8UC1': _Encoding(1, 1, cv2.COLOR_GRAY2RGB),
    '8UC3': _Encoding(3, 1, cv2.COLOR_BGR2RGB),
    '8UC4': _Encoding(4, 1, cv2.COLOR_BGRA2RGB),
    '16UC1': _Encoding(1, 2, cv2.COLOR_GRAY2RGB),
    # OpenCV names a Bayer pattern by the second row's second and third pixel.
    'bayer_rggb8': _Encoding(1, 1, cv2.COLOR_BayerBG2RGB),
    'bayer_bggr8': _Encoding(1, 1, cv2.COLOR_BayerRG2RGB),
    'bayer_gbrg8': _Encoding(1, 1, cv2.COLOR_BayerGR2RGB),
    'bayer_grbg8': _Encoding(1, 1, cv2.COLOR_BayerGB2RGB),
    'bayer_rggb16': _Encoding(1, 2, cv2.COLOR_BayerBG2RGB),
    'bayer_bggr16': _Encoding(1, 2, cv2.COLOR_BayerRG2RGB),
    'bayer_gbrg16': _Encoding(1, 2, cv2.COLOR_BayerGR2RGB),
    'bayer_grbg16': _Encoding(1, 2, cv2.COLOR_BayerGB2RGB),
    'uyvy': _Encoding(2, 1, cv2.COLOR_YUV2RGB_UYVY, width_divisor=2),
    'yuv422': _Encoding(2, 1, cv2.COLOR_YUV2RGB_UYVY, width_divisor=2),
    'yuyv': _Encoding(2, 1, cv2.COLOR_YUV2RGB_YUYV, width_divisor=2),
    'yuv422_yuy2': _Encoding(2, 1, cv2.COLOR_YUV2RGB_YUYV, width_divisor=2),
    # `height` counts the picture's rows; half as many rows of chroma follow them.
    'nv12': _Encoding(1, 1, cv2.COLOR_YUV2RGB_NV12, 2, 2, planes=1.5),
    'nv21': _Encoding(1, 1, cv2.COLOR_YUV2RGB_NV21, 2, 2, planes=1.5),
}

SUPPORTED_ENCODINGS = tuple(_ENCODINGS)


def check_layout(message: RawImage) -> None:
    """
    Check that the message's fields fit each other and an encoding that can be read.

    Cheap: no pixel is looked at.

    :raises InvalidImageError: if they do not, saying what was expected and what came.
    """
    encoding = _encoding_of(message)
    width, height = message.width, message.height
    check_size(width, height)
    if width % encoding.width_divisor or height % encoding.height_divisor:
        raise InvalidImageError(f'{message.encoding} needs even sides, got {width}x{height}')
    check_data(message, bytes_of_row(message), rows_of(message))


def bytes_of_value(encoding: str) -> int:
    """Return how many bytes one channel of a pixel takes, of a supported encoding."""
    return _ENCODINGS[encoding].item_size


def bytes_of_row(message: RawImage) -> int:
    """Return how many bytes of a row are pixels, the others being padding."""
    encoding = _ENCODINGS[message.encoding]
    return message.width * encoding.channels * encoding.item_size


def rows_of(message: RawImage) -> int:
    """Return how many rows the data have; of some encodings more than the picture."""
    return int(message.height * _ENCODINGS[message.encoding].planes)


def rgb_from_raw(
    message: RawImage,
    depth: BitDepth | None = None,
    colours: Callable[[RawImage], npt.NDArray[Any]] | None = None,
) -> RgbImage:
    """
    Read a raw image, with one conversion at most and without copying any pixels for it.

    :param depth: which of 16 bits are in use; None: all that the image uses.
    :param colours: used instead of ``colours_from_raw``.
    :returns: (H, W, 3) uint8 RGB; of ``rgb8`` a view of the message's data, whose rows lie apart
        where they are padded.
    :raises InvalidImageError: see ``check_layout``.
    """
    return _in_8_bit((colours or colours_from_raw)(message), depth)


def colours_from_raw(message: RawImage) -> npt.NDArray[Any]:
    """
    Read a raw image with all its bits.

    :returns: (H, W, 3) RGB, uint8 or uint16.
    :raises InvalidImageError: see ``check_layout``.
    """
    check_layout(message)
    encoding = _ENCODINGS[message.encoding]
    return _colours(_pixels(message, encoding), encoding)


def rgb_from_mosaic(
    values: npt.NDArray[np.uint8 | np.uint16], pattern: str, depth: BitDepth | None = None
) -> RgbImage:
    """
    Make the colours of a picture that was taken through a Bayer filter.

    :param values: (H, W).
    :param pattern: the colours of the first four pixels, such as ``rggb``.
    :returns: (H, W, 3) uint8 RGB.
    """
    return _in_8_bit(_colours(values, _ENCODINGS[f'bayer_{pattern}8']), depth)


def _colours(pixels: npt.NDArray[Any], encoding: _Encoding) -> npt.NDArray[Any]:
    return pixels if encoding.to_rgb is None else cv2.cvtColor(pixels, encoding.to_rgb)


def _in_8_bit(colours: npt.NDArray[Any], depth: BitDepth | None) -> RgbImage:
    if colours.dtype == np.uint16:
        colours = (depth or BitDepth()).to_8_bit(colours)
    return check_image(colours)


def _encoding_of(message: RawImage) -> _Encoding:
    try:
        return _ENCODINGS[message.encoding]
    except KeyError:
        raise UnsupportedImageError(
            f'the encoding {message.encoding[:40]!r} is unknown or not a picture; supported: '
            f'{", ".join(SUPPORTED_ENCODINGS)}'
        ) from None


def _pixels(message: RawImage, encoding: _Encoding) -> npt.NDArray[np.uint8 | np.uint16]:
    """View the rows without padding: (H, W) or (H, W, channels), in native byte order."""
    rows = np.frombuffer(message.data, np.uint8).reshape(-1, message.step)
    rows = rows[:, : bytes_of_row(message)]
    if encoding.item_size == 2:
        # Copies only what a processor cannot read in place: foreign byte order, odd rows.
        wire_type = '>u2' if message.is_bigendian else '<u2'
        rows = np.require(rows.view(wire_type), np.uint16, 'A')
    if encoding.channels == 1:
        return rows
    return rows.reshape(rows.shape[0], message.width, encoding.channels)
