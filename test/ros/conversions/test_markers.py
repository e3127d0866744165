# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.ros.conversions.markers``."""

from __future__ import annotations

from geometry_msgs.msg import TransformStamped
import pytest
from std_msgs.msg import Header
from vision_msgs.msg import Detection3DArray
from visualization_msgs.msg import Marker

from kosmos_ros.core.depth.locate import Box3D
from kosmos_ros.core.depth.placement import IN_PLACE, Placement
from kosmos_ros.core.drawing.palette import colors_of
from kosmos_ros.core.types import Box, Grounding, ScoredBox, Status, Task
from kosmos_ros.ros.answering.transforms import placement_from_ros
from kosmos_ros.ros.conversions.detections3d import detection3d_to_ros
from kosmos_ros.ros.conversions.markers import markers_of

HEADER = Header(frame_id='lens')
MUG = ScoredBox(Box(0.1, 0.1, 0.3, 0.3), 0.912, 'mug', '0')
PLATE = ScoredBox(Box(0.5, 0.5, 0.9, 0.9), 0.5, 'plate', '1')
GROUNDING = Grounding(Task.LOCATE, Status.FOUND, 64, 48, detections=(MUG, PLATE))


def in_space(*found: ScoredBox, placement: Placement = IN_PLACE) -> Detection3DArray:
    box = Box3D((0.1, 0.2, 1.0), (0.08, 0.1, 0.0), (0.01, 0.01, 0.01))
    detections = [detection3d_to_ros(one, box, placement, HEADER) for one in found]
    return Detection3DArray(header=HEADER, detections=detections)


def test_each_detection_is_a_box_with_a_label() -> None:
    markers = markers_of(in_space(MUG, PLATE), GROUNDING, 'wrist').markers
    assert [(one.ns, one.id, one.type, one.action) for one in markers[2:]] == [
        ('wrist', 0, Marker.CUBE, Marker.ADD),
        ('wrist/labels', 0, Marker.TEXT_VIEW_FACING, Marker.ADD),
        ('wrist', 1, Marker.CUBE, Marker.ADD),
        ('wrist/labels', 1, Marker.TEXT_VIEW_FACING, Marker.ADD),
    ]
    assert all(one.header == HEADER for one in markers)
    box, label = markers[2:4]
    assert label.text == 'mug 0.91'
    assert box.pose.position.z == 1.0
    assert 0 < box.color.a < 1 == label.color.a
    expected = [value / 255 for value in colors_of(GROUNDING)['mug']]
    assert [box.color.r, box.color.g, box.color.b] == pytest.approx(expected)
    assert box.lifetime.sec > 0


def test_what_has_no_extent_is_drawn_all_the_same() -> None:
    box = markers_of(in_space(MUG), GROUNDING, '').markers[2]
    assert (box.scale.x, box.scale.y) == (0.08, 0.1)
    assert box.scale.z > 0


def test_old_markers_of_the_camera_go_first() -> None:
    markers = markers_of(in_space(), GROUNDING, 'wrist').markers
    assert [(one.ns, one.action) for one in markers] == [
        ('wrist', Marker.DELETEALL),
        ('wrist/labels', Marker.DELETEALL),
    ]


def test_no_two_markers_of_a_message_share_namespace_and_id() -> None:
    markers = markers_of(in_space(MUG, PLATE, MUG), GROUNDING, 'wrist').markers
    assert len({(one.ns, one.id) for one in markers}) == len(markers) == 8


def test_labels_are_above_their_boxes_in_every_frame() -> None:
    label = markers_of(in_space(MUG), GROUNDING, '').markers[3].pose.position
    assert (label.x, label.z) == pytest.approx((0.1, 1.0))
    # The optical frame's y is down; a label is its height above half of the box's.
    assert label.y == pytest.approx(0.2 - 0.05 - 0.025)
    transform = TransformStamped()
    turn = transform.transform.rotation
    turn.x, turn.y, turn.z, turn.w = -0.5, 0.5, -0.5, 0.5
    turned = markers_of(in_space(MUG, placement=placement_from_ros(transform)), GROUNDING, '')
    label = turned.markers[3].pose.position
    assert (label.x, label.y, label.z) == pytest.approx((1.0, -0.1, -0.2 + 0.05 + 0.025))
