# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A subscription that comes and goes, and whose reliability follows the publishers'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import threading
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from kosmos_ros.ros.between_callbacks import between_callbacks

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


class TopicSubscription:
    """
    Listens to a topic between ``start`` and ``stop``; safe to use from several threads.

    :param node: subscribes.
    :param kind: type of the messages.
    :param topic: relative or absolute; remapped as usual.
    :param on_message: called with each message; must let no exception through.
    :param reliability: auto, reliable or best_effort.
    :param depth: messages that may wait for the executor, the oldest going first.
    """

    def __init__(
        self,
        node: Node,
        kind: type[Any],
        topic: str,
        on_message: Callable[[Any], None],
        reliability: str = 'auto',
        depth: int = 1,
    ) -> None:
        self.topic = node.resolve_topic_name(topic)
        self._node = node
        self._kind = kind
        self._on_message = on_message
        self._reliability = reliability
        self._depth = depth
        self._lock = threading.Lock()
        self._subscription: Subscription | None = None

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._subscription is not None

    def start(self) -> None:
        """Listen; does nothing if it does already."""
        with self._lock:
            if self._subscription is None:
                self._subscription = self._subscribe(self._wanted())

    def stop(self) -> None:
        """Listen no more; a message that is on its way may still be dropped or delivered."""
        with self._lock:
            if self._subscription is not None:
                self._destroy(self._subscription)
            self._subscription = None

    def adapt(self) -> None:
        """Follow the publishers of this moment; to be called every second or so."""
        with self._lock:
            wanted = self._wanted()
            if self._subscription is None or wanted == self._subscription.qos_profile.reliability:
                return
            self._destroy(self._subscription)
            self._subscription = self._subscribe(wanted)
        self._node.get_logger().info(f'subscribed to {self.topic} {wanted.name.lower()}')

    def publishers(self) -> int:
        """Return how many publish the topic."""
        return int(self._node.count_publishers(self.topic))

    def hint(self) -> str:
        """Return what may explain that nothing comes, empty if there is nothing to tell."""
        return '' if self.publishers() else ' (nobody publishes it)'

    def _destroy(self, subscription: Subscription) -> None:
        between_callbacks(self._node, self._node.destroy_subscription, subscription)

    def _wanted(self) -> QoSReliabilityPolicy:
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        return choose_reliability(self._reliability, publishers)

    def _subscribe(self, reliability: QoSReliabilityPolicy) -> Subscription:
        qos = QoSProfile(depth=self._depth, reliability=reliability)
        return self._node.create_subscription(self._kind, self.topic, self._on_message, qos)
