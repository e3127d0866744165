# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Depth, camera info and transforms, read back as a subscriber would."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import Header

from kosmos_ros.ros.conversions.cameras import camera_info_to_ros, depth_to_ros, transform_to_ros

HEADER = Header(frame_id='optical')


def test_depth_is_metres_in_native_floats() -> None:
    depth = np.array([[0.5, 1.25, np.inf], [2.0, 0.0, 12.0]], dtype=np.float32)

    message = depth_to_ros(depth, HEADER)

    assert (message.encoding, message.step, message.header) == ('32FC1', 12, HEADER)
    read = np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
    np.testing.assert_array_equal(read, depth)


def test_depth_may_be_a_view() -> None:
    depth = np.arange(12, dtype=np.float32).reshape(3, 4)[::-1, ::2]

    message = depth_to_ros(depth, HEADER)

    read = np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
    np.testing.assert_array_equal(read, depth)


def test_camera_info_projects_a_point() -> None:
    message = camera_info_to_ros((500.0, 510.0), (319.5, 239.5), (640, 480), HEADER)

    projection = np.array(message.p).reshape(3, 4)
    x, y, scale = projection @ [0.1, -0.2, 2.0, 1.0]
    np.testing.assert_allclose([x / scale, y / scale], [319.5 + 25, 239.5 - 51])
    np.testing.assert_array_equal(np.array(message.k).reshape(3, 3), projection[:, :3])
    np.testing.assert_array_equal(np.array(message.r).reshape(3, 3), np.eye(3))
    assert (message.width, message.height) == (640, 480)
    assert (message.distortion_model, list(message.d)) == ('plumb_bob', [0.0] * 5)


def test_a_transform_names_both_frames() -> None:
    message = transform_to_ros((1.0, 2.0, 3.0), (0.0, 0.6, 0.0, 0.8), HEADER, 'tool')

    assert (message.header.frame_id, message.child_frame_id) == ('optical', 'tool')
    move, turn = message.transform.translation, message.transform.rotation
    assert (move.x, move.y, move.z) == (1.0, 2.0, 3.0)
    assert (turn.x, turn.y, turn.z, turn.w) == (0.0, 0.6, 0.0, 0.8)
