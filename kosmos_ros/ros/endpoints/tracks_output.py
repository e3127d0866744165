# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The topics of those who want to see boxes where the objects are now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.publisher import Publisher

from kosmos_ros.ros.answering.question import Answer, answer_to_ros
from kosmos_ros.ros.endpoints.image_annotations import ImageAnnotations


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
        """Tell whether boxes are to be carried: somebody listens, and it is not switched off."""
        return self._carries() and bool(
            self._tracks.get_subscription_count() or self._annotations.has_listeners()
        )

    def publish(self, camera: str, groundings: Sequence[GroundingMessage]) -> None:
        """Publish the carried answers about the newest image of a camera."""
        for grounding in groundings:
            self._tracks.publish(grounding)
        self._annotations.publish(camera, groundings)

    def publish_answer(self, answer: Answer) -> None:
        """Annotate the image of an answer, where boxes are not carried to the newest one."""
        if not self._carries() and self._annotations.has_listeners():
            self._annotations.publish(answer.camera, [answer_to_ros(answer)])
