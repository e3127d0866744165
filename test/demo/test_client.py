# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the demo reads from the simulated camera."""

from __future__ import annotations

import pytest

pytest.importorskip('kosmos_ros_msgs', reason='needs ROS and the interfaces')

from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.demo.client import Patience, truth_from_ros
from kosmos_ros.ros.conversions.values import detection_to_ros


def message_of(*boxes: ScoredBox) -> Detection2DArray:
    return Detection2DArray(
        detections=[detection_to_ros(box, 640, 480, Header()) for box in boxes]
    )


def test_the_truth_tells_names_boxes_and_what_can_be_asked_for() -> None:
    mug = ScoredBox(Box(0.1, 0.2, 0.3, 0.4), 1.0, 'red mug')
    hidden = ScoredBox(Box(0.5, 0.5, 0.6, 0.6), 0.0, 'blue cube')
    truth = truth_from_ros(message_of(mug, hidden), 640, 480)
    assert (truth.width, truth.height) == (640, 480)
    assert [thing.name for thing in truth.objects] == ['red mug', 'blue cube']
    assert [thing.name for thing in truth.nameable] == ['red mug']
    box = truth.objects[0].box
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((0.1, 0.2, 0.3, 0.4))


def test_a_truth_without_a_class_is_refused() -> None:
    message = message_of(ScoredBox(Box(0.1, 0.2, 0.3, 0.4), 1.0, 'red mug'))
    message.detections[0].results.clear()
    with pytest.raises(InvalidRequestError, match='a detection with a result'):
        truth_from_ros(message, 640, 480)


def test_patience_runs_from_its_start() -> None:
    assert Patience('a bus', 60.0, start=0.0).elapsed > Patience('a bus', 60.0).elapsed
