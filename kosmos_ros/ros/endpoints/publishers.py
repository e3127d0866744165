# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The topics on which answers are published."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray, Detection3DArray
from visualization_msgs.msg import MarkerArray

from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.question import Answer, answer_to_ros
from kosmos_ros.ros.conversions.images import image_to_ros
from kosmos_ros.ros.conversions.markers import markers_of
from kosmos_ros.ros.endpoints.image_annotations import ImageAnnotations


class Outputs:
    """
    Publishes answers.

    :param node: publishes ``~/groundings``, ``~/detections``, ``~/detections_3d``, ``~/markers``
        and ``~/debug_image``.
    :param settings: returns the node's current settings.
    """

    def __init__(self, node: Node, settings: Callable[[], NodeSettings]) -> None:
        self._settings = settings
        self._groundings = node.create_publisher(GroundingMessage, '~/groundings', 10)
        self._detections = node.create_publisher(Detection2DArray, '~/detections', 10)
        self._detections_3d = node.create_publisher(Detection3DArray, '~/detections_3d', 10)
        self._markers = node.create_publisher(MarkerArray, '~/markers', 10)
        self._debug_image = node.create_publisher(Image, '~/debug_image', 1)

    def publish(self, answer: Answer) -> None:
        """Publish an answer; picture and markers are made only for subscribers."""
        message = answer_to_ros(answer)
        self._groundings.publish(message)
        self._detections.publish(message.detections)
        if message.status_3d != GroundingMessage.STATUS_3D_NOT_CONFIGURED:
            self._publish_space(answer, message.detections_3d)
        now = self._settings()
        if now.debug_image and self._debug_image.get_subscription_count():
            pixels, looks = answer.picture.pixels(), now.debug_looks
            drawing = draw_grounding(pixels, answer.grounding, answer.region, looks)
            self._debug_image.publish(image_to_ros(drawing, answer.header))

    def _publish_space(self, answer: Answer, detections: Detection3DArray) -> None:
        self._detections_3d.publish(detections)
        if self._markers.get_subscription_count():
            self._markers.publish(markers_of(detections, answer.grounding, answer.camera))


class TracksOutput:
    """
    Publishes ``~/tracks`` and annotations of images.

    :param tracks: publisher of ``~/tracks``.
    :param carries: tells whether boxes are carried.
    """

    def __init__(
        self, tracks: Publisher, annotations: ImageAnnotations, carries: Callable[[], bool]
    ) -> None:
        self._tracks = tracks
        self._annotations = annotations
        self._carries = carries

    def is_wanted(self) -> bool:
        """Tell whether to carry boxes: there are subscribers, and it is not switched off."""
        return self._carries() and bool(
            self._tracks.get_subscription_count() or self._annotations.has_listeners()
        )

    def publish(self, camera: str, groundings: Sequence[GroundingMessage]) -> None:
        """Publish the carried answers about the newest image of a camera."""
        for grounding in groundings:
            self._tracks.publish(grounding)
        self._annotations.publish(camera, groundings)

    def publish_answer(self, answer: Answer) -> None:
        """Annotate the image of an answer, if boxes are not carried to the newest one."""
        if not self._carries() and self._annotations.has_listeners():
            self._annotations.publish(answer.camera, [answer_to_ros(answer)])
