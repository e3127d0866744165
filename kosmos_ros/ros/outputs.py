# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The topics on which answers are published."""

from __future__ import annotations

from collections.abc import Callable

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.node import Node
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

from kosmos_ros.core.drawing import draw_grounding
from kosmos_ros.ros.image_conversions import image_to_ros
from kosmos_ros.ros.questions import Answer, answer_to_ros


class Outputs:
    """
    Publishes answers.

    :param node: publishes ``~/groundings``, ``~/detections`` and ``~/debug_image``.
    :param draws: tells whether to draw the debug image.
    """

    def __init__(self, node: Node, draws: Callable[[], bool]) -> None:
        self._draws = draws
        self._groundings = node.create_publisher(GroundingMessage, '~/groundings', 10)
        self._detections = node.create_publisher(Detection2DArray, '~/detections', 10)
        self._debug_image = node.create_publisher(Image, '~/debug_image', 1)

    def publish(self, answer: Answer) -> None:
        """Publish an answer; its picture is drawn only if somebody looks."""
        message = answer_to_ros(answer)
        self._groundings.publish(message)
        self._detections.publish(message.detections)
        if self._draws() and self._debug_image.get_subscription_count():
            drawing = draw_grounding(answer.picture.pixels(), answer.grounding, answer.region)
            self._debug_image.publish(image_to_ros(drawing, answer.header))
