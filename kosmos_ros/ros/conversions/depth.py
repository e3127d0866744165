# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Depth images: ROS messages -> arrays.

A message is untrusted: whatever its fields say, the only errors are those that are named, and the
sizes are checked before a pixel is touched. Depths are as in REP-118: ``32FC1`` in metres, or
``16UC1`` (which some drivers call ``mono16``) in millimetres with 0 where nothing was measured,
unless the camera has units of its own.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.layout import check_data
from kosmos_ros.core.images.picture_costs import check_size

_ITEM_TYPES = {'16UC1': 'u2', 'mono16': 'u2', '32FC1': 'f4'}
_FARTHEST = 100.0
"""Metres; if half of an image is farther away, its numbers are hardly metres."""
_ENOUGH = 4096
"""Pixels to judge distances by."""


def depth_from_ros(message: Image, scale: float = 0.0) -> npt.NDArray[np.float32]:
    """
    Read a depth image.

    :param scale: metres for each unit; 0: what the encoding says.
    :returns: (H, W) metres, of its own memory or the message's; 0 or not finite in holes.
    :raises InvalidImageError: if it is no depth image, its fields do not fit each other, or it
        obviously is not in metres as it should be.
    """
    item_type = _ITEM_TYPES.get(message.encoding)
    if item_type is None:
        raise InvalidImageError(
            f'the encoding {message.encoding[:40]!r} is no depth; expected 16UC1 or mono16 '
            f'(millimetres), or 32FC1 (metres)'
        )
    item_size = int(item_type[1])
    check_size(message.width, message.height, what='depth image')
    check_data(message, message.width * item_size, message.height)
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    items = rows[:, : message.width * item_size].view(
        ('>' if message.is_bigendian else '<') + item_type
    )
    if item_size == 2:
        return items * np.float32(scale or 0.001)
    depth = np.require(items, np.float32, 'A')
    if scale:
        return depth * np.float32(scale)
    _check_metres(depth)
    return depth


def _check_metres(depth: npt.NDArray[np.float32]) -> None:
    """Refuse what is obviously in millimetres, which some drivers send against REP-118."""
    step = max(1, math.isqrt(depth.size // _ENOUGH))
    some = depth[::step, ::step]
    valid = some[np.isfinite(some) & (some > 0.0)]
    median = float(np.median(valid)) if valid.size else 0.0
    if median > _FARTHEST:
        raise InvalidImageError(
            f'half of the depth image would be farther away than {median:.0f} m, expected 32FC1 '
            f"in metres; if these are millimetres, set the camera's parameter depth_scale to "
            f'0.001, if they are metres, to 1.0'
        )
