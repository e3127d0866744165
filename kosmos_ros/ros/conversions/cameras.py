# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Depth, camera model and pose of a camera -> ROS messages.

Frames follow REP-103 and REP-104: an optical frame has x right, y down, z forward.
"""

from __future__ import annotations

from array import array
import sys

from geometry_msgs.msg import Quaternion, TransformStamped, Vector3
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header


def depth_to_ros(depth: npt.NDArray[np.float32], header: Header) -> Image:
    """
    Make a ``32FC1`` message.

    :param depth: (H, W) metres along the optical axis; infinite where there is nothing (REP-117).
    """
    height, width = depth.shape
    message = Image(header=header, height=height, width=width, encoding='32FC1', step=4 * width)
    message.is_bigendian = int(sys.byteorder == 'big')
    # Anything but an array('B') would be checked by rclpy byte by byte.
    message.data = array('B', np.ascontiguousarray(depth, dtype=np.float32).tobytes())
    return message


def camera_info_to_ros(
    focal_lengths: tuple[float, float],
    principal_point: tuple[float, float],
    size: tuple[int, int],
    header: Header,
) -> CameraInfo:
    """
    Describe a pinhole camera without distortion.

    :param focal_lengths: x and y in pixels.
    :param principal_point: x and y in pixels, the upper left pixel's centre being (0, 0).
    :param size: width and height in pixels.
    """
    (fx, fy), (cx, cy), (width, height) = focal_lengths, principal_point, size
    message = CameraInfo(header=header, width=width, height=height)
    message.distortion_model = 'plumb_bob'
    message.d = [0.0] * 5
    message.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return message


def transform_to_ros(
    position: tuple[float, float, float],
    quaternion: tuple[float, float, float, float],
    header: Header,
    child_frame: str,
) -> TransformStamped:
    """
    Make the transform of a frame.

    :param position: its origin in the frame of ``header``, metres.
    :param quaternion: x, y, z, w of the rotation that turns its axes into those of ``header``.
    """
    message = TransformStamped(header=header, child_frame_id=child_frame)
    message.transform.translation = Vector3(**dict(zip('xyz', position, strict=True)))
    message.transform.rotation = Quaternion(**dict(zip('xyzw', quaternion, strict=True)))
    return message
