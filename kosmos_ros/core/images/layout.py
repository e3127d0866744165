# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Check that the fields of an image message fit each other.

ROS does not: a message may claim any size, whatever its data.
"""

from __future__ import annotations

from typing import Any, Protocol

from kosmos_ros.core.errors import InvalidImageError


class RawImage(Protocol):
    """A ``sensor_msgs/Image``; ``data`` is a buffer of bytes."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Any


def check_data(message: RawImage, row: int, rows: int) -> None:
    """
    Check that the data are those of an image of this size.

    :param row: bytes of a row of pixels.
    :param rows: how many there are in the data.
    :raises InvalidImageError: otherwise, saying what was expected and what came.
    """
    width, height, step = message.width, message.height, message.step
    if step < row:
        raise InvalidImageError(
            f'a row of {width} {message.encoding} pixels takes {row} bytes, got step={step}'
        )
    if len(message.data) != step * rows:
        raise InvalidImageError(
            f'{width}x{height} {message.encoding} with step={step} takes {step * rows} bytes, '
            f'got {len(message.data)}'
        )
