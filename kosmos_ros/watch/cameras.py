# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to the images of the cameras that pages show."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.ros.cameras.topic_subscription import TopicSubscription
from kosmos_ros.ros.conversions.images import ImageMessage, ImageReader
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.watch.pictures import JpegPicture, picture_from_ros

_COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage'

_DEPTH = 5
"""Images that may wait: an answer is shown on its own image, which may come while we are busy."""


class WatchedCamera:
    """
    One camera's images, while it exists.

    :param topic: of raw or compressed images, as its publishers or its name say.
    :param on_picture: takes each image.
    """

    def __init__(
        self,
        node: Node,
        name: str,
        topic: str,
        on_picture: Callable[[JpegPicture], None],
        failures: Failures,
    ) -> None:
        self.topic = topic
        self._node = node
        self._name = name
        self._on_picture = on_picture
        self._reader = ImageReader()
        self._on_message = failures.guard(self._receive)
        self._kind = self._wanted_kind()
        self._subscription = self._subscribe()

    def adapt(self) -> None:
        """Subscribe as the present publishers offer; to be called now and then."""
        kind = self._wanted_kind()
        if kind is self._kind:
            self._subscription.adapt()
            return
        self.close()
        self._kind = kind
        self._subscription = self._subscribe()

    def close(self) -> None:
        """Unsubscribe."""
        self._subscription.stop()

    def _wanted_kind(self) -> type[ImageMessage]:
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        types = {one.topic_type for one in publishers}
        compressed = _COMPRESSED_TYPE in types or (
            not types and self.topic.endswith('/compressed')
        )
        return CompressedImage if compressed else Image

    def _subscribe(self) -> TopicSubscription:
        subscription = TopicSubscription(
            self._node, self._kind, self.topic, self._on_message, depth=_DEPTH
        )
        subscription.start()
        return subscription

    def _receive(self, message: ImageMessage) -> None:
        try:
            now = self._node.get_clock().now().nanoseconds
            picture = picture_from_ros(self._name, message, now, self._reader)
        except InvalidImageError as error:
            self._node.get_logger().warning(
                f'an image on {self.topic} cannot be shown: {error}', throttle_duration_sec=10.0
            )
            return
        self._on_picture(picture)


class WatchedCameras:
    """
    The cameras that pages show.

    :param on_picture: takes each of their images.
    """

    def __init__(
        self, node: Node, on_picture: Callable[[JpegPicture], None], failures: Failures
    ) -> None:
        self._node = node
        self._on_picture = on_picture
        self._failures = failures
        self._cameras: dict[str, WatchedCamera] = {}

    def look(self, topics: dict[str, str]) -> None:
        """Subscribe to these topics by camera, and to nothing else."""
        for name, camera in list(self._cameras.items()):
            if topics.get(name) != camera.topic:
                camera.close()
                del self._cameras[name]
        for name, topic in topics.items():
            if name not in self._cameras:
                self._cameras[name] = WatchedCamera(
                    self._node, name, topic, self._on_picture, self._failures
                )

    def adapt(self) -> None:
        """Follow changes of the publishers; to be called now and then."""
        for camera in self._cameras.values():
            camera.adapt()
