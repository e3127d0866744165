# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A subscription that starts and stops, with the quality of service of its publishers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import threading
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from kosmos_ros.ros.cameras.topic_hints import Advice, explain, no_advice, Published, type_name
from kosmos_ros.ros.executor.between_callbacks import between_callbacks

_Choices = tuple[QoSReliabilityPolicy, QoSDurabilityPolicy]

_RELIABILITIES = {
    'reliable': QoSReliabilityPolicy.RELIABLE,
    'best_effort': QoSReliabilityPolicy.BEST_EFFORT,
}


def choose_reliability(
    setting: str, publishers: Sequence[TopicEndpointInfo]
) -> QoSReliabilityPolicy:
    """
    Return the reliability to subscribe with.

    ``auto`` is reliable as long as every publisher offers it, as best effort loses large images; a
    single best-effort publisher is incompatible with that.

    :param setting: auto, reliable or best_effort.
    """
    if setting != 'auto':
        return _RELIABILITIES[setting]
    offered = {publisher.qos_profile.reliability for publisher in publishers}
    if offered <= {QoSReliabilityPolicy.RELIABLE}:
        return QoSReliabilityPolicy.RELIABLE
    return QoSReliabilityPolicy.BEST_EFFORT


def choose_durability(publishers: Sequence[TopicEndpointInfo]) -> QoSDurabilityPolicy:
    """
    Return the durability to subscribe with.

    It is transient local (latched) as long as every publisher offers it: such a publisher may have
    sent everything before the subscription. One that does not is incompatible with that.
    """
    offered = {publisher.qos_profile.durability for publisher in publishers}
    if offered == {QoSDurabilityPolicy.TRANSIENT_LOCAL}:
        return QoSDurabilityPolicy.TRANSIENT_LOCAL
    return QoSDurabilityPolicy.VOLATILE


class TopicSubscription:
    """
    Subscribes to a topic between ``start`` and ``stop``; safe to use from several threads.

    :param node: subscribes.
    :param kind: type of the messages.
    :param topic: relative or absolute; remapped as usual.
    :param on_message: called with each message; must let no exception through.
    :param reliability: auto, reliable or best_effort.
    :param depth: messages that may wait for the executor; the oldest are dropped first.
    :param advice: gives a hint if nobody publishes messages of this type there.
    """

    def __init__(
        self,
        node: Node,
        kind: type[Any],
        topic: str,
        on_message: Callable[[Any], None],
        reliability: str = 'auto',
        depth: int = 1,
        advice: Advice = no_advice,
    ) -> None:
        self.topic = node.resolve_topic_name(topic)
        self._node = node
        self._kind = kind
        self._on_message = on_message
        self._reliability = reliability
        self._depth = depth
        self._advice = advice
        self._type = type_name(kind)
        self._lock = threading.Lock()
        self._subscription: Subscription | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is subscribed."""
        return self._subscription is not None

    def start(self) -> None:
        """Subscribe; does nothing if subscribed already."""
        with self._lock:
            if self._subscription is None:
                self._subscription = self._subscribe(self._wanted())

    def stop(self) -> None:
        """Unsubscribe; a message on its way may be dropped or delivered."""
        with self._lock:
            if self._subscription is not None:
                self._destroy(self._subscription)
            self._subscription = None

    def adapt(self) -> None:
        """Follow the present publishers; to be called every second or so."""
        with self._lock:
            wanted = self._wanted()
            if self._subscription is None or _choices(self._subscription.qos_profile) == wanted:
                return
            self._renew(self._subscription, wanted)
        told = ', '.join(one.name.lower() for one in wanted)
        self._node.get_logger().info(f'subscribed to {self.topic} {told}')

    def recall(self) -> None:
        """Have latched messages sent again, as each subscription receives them only once."""
        with self._lock:
            wanted = self._wanted()
            if self._subscription is not None and QoSDurabilityPolicy.TRANSIENT_LOCAL in wanted:
                self._renew(self._subscription, wanted)

    def publishers(self) -> int:
        """Return the number of publishers with the expected type."""
        return len(self._publishers())

    def hint(self) -> str:
        """Return what may explain that nothing comes, empty if there is nothing to say."""
        return explain(Published(self._node), self.topic, self._type, self._advice)

    def _publishers(self) -> list[TopicEndpointInfo]:
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        return [one for one in publishers if one.topic_type == self._type]

    def _renew(self, subscription: Subscription, wanted: _Choices) -> None:
        self._destroy(subscription)
        self._subscription = self._subscribe(wanted)

    def _destroy(self, subscription: Subscription) -> None:
        between_callbacks(self._node, self._node.destroy_subscription, subscription)

    def _wanted(self) -> _Choices:
        publishers = self._publishers()
        return choose_reliability(self._reliability, publishers), choose_durability(publishers)

    def _subscribe(self, wanted: _Choices) -> Subscription:
        reliability, durability = wanted
        qos = QoSProfile(depth=self._depth, reliability=reliability, durability=durability)
        return self._node.create_subscription(self._kind, self.topic, self._on_message, qos)


def _choices(qos: QoSProfile) -> _Choices:
    return qos.reliability, qos.durability
