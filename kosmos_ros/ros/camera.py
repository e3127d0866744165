# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One camera: the subscription to its images, the newest of them, and whether they still come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.types import Status
from kosmos_ros.ros.camera_parameters import CameraSettings
from kosmos_ros.ros.failures import Failures, RefusedError
from kosmos_ros.ros.frames import Arrival, Frame, FrameBuffer
from kosmos_ros.ros.image_conversions import check_layout, ImageMessage

_JUST_NOW = 1.0

_RELIABILITIES = {
    'reliable': QoSReliabilityPolicy.RELIABLE,
    'best_effort': QoSReliabilityPolicy.BEST_EFFORT,
}


def choose_reliability(
    setting: str, publishers: Sequence[TopicEndpointInfo]
) -> QoSReliabilityPolicy:
    """
    Return the reliability to subscribe with.

    ``auto`` is reliable as long as every publisher offers it, as best effort loses large images;
    a single best-effort publisher would not be heard that way.

    :param setting: auto, reliable or best_effort.
    """
    if setting != 'auto':
        return _RELIABILITIES[setting]
    offered = {publisher.qos_profile.reliability for publisher in publishers}
    if offered <= {QoSReliabilityPolicy.RELIABLE}:
        return QoSReliabilityPolicy.RELIABLE
    return QoSReliabilityPolicy.BEST_EFFORT


class Camera:
    """
    Keeps the newest image of one topic.

    :param node: subscribes.
    :param on_frame: called after each new frame.
    """

    def __init__(
        self,
        node: Node,
        settings: CameraSettings,
        on_frame: Callable[[], None],
        failures: Failures,
    ) -> None:
        self.name = settings.name
        raw_topic = node.resolve_topic_name(settings.topic)
        is_raw = settings.transport == 'raw'
        self.topic = raw_topic if is_raw else f'{raw_topic}/compressed'
        self.received = 0
        """Images that arrived, whatever became of them."""
        self.malformed = 0
        self.repeated = 0
        """Images that were repetitions of the newest one, or older."""
        self._problem = ''
        self._node = node
        self._type = Image if is_raw else CompressedImage
        self._reliability = settings.reliability
        self._on_frame = on_frame
        self._on_message = failures.guard(self._receive)
        self._buffer = FrameBuffer()
        self._subscription = self._subscribe(self._wanted_reliability())
        self._late = False
        self._lost = False
        self._logger = node.get_logger()

    def newest(self) -> Frame | None:
        """Return the newest frame, None before the first."""
        return self._buffer.newest()

    def age(self) -> float | None:
        """Return the age of the newest frame in seconds, None before the first."""
        frame = self.newest()
        return None if frame is None else frame.age(self._ros_now())

    def frame(self, newer_than_ns: int, max_age: float) -> Frame:
        """
        Return the newest frame if it will do.

        :param newer_than_ns: its stamp has to be later than this; 0: any will do.
        :param max_age: its age in seconds must not be more; 0: any will do.
        :raises RefusedError: NO_IMAGE or STALE_IMAGE, with topic and age.
        """
        frame = self.newest()
        if frame is None:
            raise RefusedError(Status.NO_IMAGE, f'no image has come on {self.topic}{self._hint()}')
        age = frame.age(self._ros_now())
        if newer_than_ns and frame.stamp_ns <= newer_than_ns:
            raise RefusedError(
                Status.NO_IMAGE,
                f'no image stamped later than {newer_than_ns / 1e9:.3f} s has come on '
                f'{self.topic}; the newest is stamped {frame.stamp_ns / 1e9:.3f} s{self._hint()}',
            )
        if max_age and age > max_age:
            raise RefusedError(
                Status.STALE_IMAGE,
                f'the newest image on {self.topic} is {age:.2f} s old, {max_age:g} s are '
                f'allowed{self._hint(frame)}',
            )
        return frame

    def unusable(self, error: InvalidImageError) -> RefusedError:
        """Count a frame whose pixels turned out to be damaged, and return the refusal."""
        self._reject(error)
        return RefusedError(
            Status.NO_IMAGE, f'the newest image on {self.topic} cannot be used: {error}'
        )

    def watch(self, max_age: float) -> None:
        """
        Adapt to the publishers, and log when the camera falls silent and when it is back.

        To be called every second or so.

        :param max_age: seconds without an image after which the camera counts as lost; 0: never.
        """
        self._adapt_reliability()
        if self.newest() is None:
            self._logger.warning(
                f'waiting for images on {self.topic}{self._hint()}',
                throttle_duration_sec=10.0,
                skip_first=True,
            )
            return
        was_late, self._late = self._late, self.is_lost(max_age)
        # Late once may mean that this process was held up.
        if self._late == was_late and self._late != self._lost:
            self._lost = self._late
            self._log_change()

    def is_lost(self, max_age: float) -> bool:
        """Tell whether images came once, but none younger than ``max_age`` seconds (0: never)."""
        age = self.age()
        return bool(max_age) and age is not None and age > max_age

    def problem(self) -> str:
        """Return what is wrong with the images that come, empty if nothing is."""
        return self._problem

    def publishers(self) -> int:
        """Return how many publish the topic."""
        return self._node.count_publishers(self.topic)

    def _receive(self, message: ImageMessage) -> None:
        self.received += 1
        try:
            if isinstance(message, Image):
                check_layout(message)
        except InvalidImageError as error:
            self._reject(error)
            return
        first = self.newest() is None
        if self._buffer.put(message) is not Arrival.NEWEST:
            self.repeated += 1
            return
        self._problem = ''
        if first:
            self._logger.info(f"camera '{self.name}': first image on {self.topic}")
        self._on_frame()

    def _log_change(self) -> None:
        frame = self.newest()
        if self._lost:
            self._logger.warning(
                f"camera '{self.name}' is lost: the newest image on {self.topic} is "
                f'{self.age():.1f} s old{self._hint(frame)}'
            )
        else:
            self._logger.info(f"camera '{self.name}' is back: images on {self.topic}")

    def _reject(self, error: InvalidImageError) -> None:
        self.malformed += 1
        self._problem = str(error)
        self._logger.warning(
            f'an image on {self.topic} cannot be used: {error}', throttle_duration_sec=10.0
        )

    def _adapt_reliability(self) -> None:
        wanted = self._wanted_reliability()
        if wanted != self._subscription.qos_profile.reliability:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._subscribe(wanted)
            self._logger.info(f'subscribed to {self.topic} {wanted.name.lower()}')

    def _wanted_reliability(self) -> QoSReliabilityPolicy:
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        return choose_reliability(self._reliability, publishers)

    def _subscribe(self, reliability: QoSReliabilityPolicy) -> Subscription:
        qos = QoSProfile(depth=1, reliability=reliability)
        return self._node.create_subscription(self._type, self.topic, self._on_message, qos)

    def _hint(self, old: Frame | None = None) -> str:
        """Return what may explain that images are missing or old."""
        if self._problem:
            return f' (the last one that came cannot be used: {self._problem})'
        if not self.publishers():
            return ' (nobody publishes it)'
        if old is not None and old.since_arrival() < _JUST_NOW:
            return ' (by its stamp; it came just now: a recording without use_sim_time?)'
        return ''

    def _ros_now(self) -> int:
        return self._node.get_clock().now().nanoseconds
