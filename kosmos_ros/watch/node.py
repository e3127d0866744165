# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The ROS side of the page: listens to the grounding node and asks it.

Everything here runs in the one thread that spins the node; what arrives is posted to the hub.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
import time

from diagnostic_msgs.msg import DiagnosticArray
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.task import Future

from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.watch.cameras import WatchedCameras
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.states import Reports

POLL_SECONDS = 0.5

_LOOK_SECONDS = 0.2
"""Subscriptions change at most so often, or with the next poll."""

_MAX_CALLS = 64
"""Calls whose responses are waited for; the oldest ones may never come."""


class WatchNode(Node):
    """
    Listens to one grounding node.

    :param namespace: the grounding node's, such as ``/kosmos``.
    :param image_topics: by camera, instead of those in the node's diagnostics.
    :param post: has a method of the hub called in its own thread.
    """

    def __init__(
        self,
        namespace: str,
        image_topics: Mapping[str, str],
        hub: Hub,
        post: Callable[..., None],
    ) -> None:
        super().__init__('kosmos_watch')
        self.failures = Failures(self.get_logger())
        self.target = f'{namespace.rstrip("/")}/grounding'
        """Full name of the grounding node."""
        self._on_tracks = partial(post, hub.on_tracks)
        self._on_state = partial(post, hub.on_state)
        self._image_topics = dict(image_topics)
        self._reports = Reports(self.target)
        self._cameras = WatchedCameras(self, partial(post, hub.on_picture), self.failures)
        self._looked_at: tuple[str, ...] = ()
        self._next_look = 0.0
        self._tracks: Subscription | None = None
        self._was_ready = False
        self._client = self.create_client(
            Ground, f'{self.target}/ground', qos_profile=QoSProfile(depth=100)
        )
        self._calls: deque[Future] = deque()
        guard = self.failures.guard
        self.create_subscription(DiagnosticArray, '/diagnostics', guard(self._diagnose), 10)
        self.create_subscription(
            Grounding, f'{self.target}/groundings', guard(partial(post, hub.on_answer)), 10
        )
        # On the steady clock: simulated time may stand still.
        self.create_timer(
            POLL_SECONDS, guard(self._poll), clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def look(self, cameras: tuple[str, ...]) -> None:
        """Subscribe to these cameras from now on, and to no others."""
        self._looked_at = cameras
        if time.monotonic() >= self._next_look:
            self._subscribe()

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        """Call the node; there may never be a response."""

        def finish(future: Future) -> None:
            response = future.result()
            if response is not None:
                on_response(response)

        call = self._client.call_async(request)
        call.add_done_callback(self.failures.guard(finish))
        self._calls.append(call)
        if len(self._calls) > _MAX_CALLS:
            self._client.remove_pending_request(self._calls.popleft())

    def _subscribe(self) -> None:
        self._next_look = time.monotonic() + _LOOK_SECONDS
        cameras = self._looked_at
        topics = self._topics()
        self._cameras.look({name: topics[name] for name in cameras if name in topics})
        # The node carries boxes only while there are subscribers.
        if cameras and self._tracks is None:
            self._tracks = self.create_subscription(
                Grounding, f'{self.target}/tracks', self.failures.guard(self._on_tracks), 1
            )
        elif not cameras and self._tracks is not None:
            self.destroy_subscription(self._tracks)
            self._tracks = None

    def _diagnose(self, message: DiagnosticArray) -> None:
        if self._reports.receive(message):
            self._tell()

    def _poll(self) -> None:
        self._cameras.adapt()
        self._tell()

    def _tell(self) -> None:
        # A service that has just appeared may not know this side yet, and drop its response.
        is_ready = self._client.service_is_ready()
        state = self._reports.state(answers=is_ready and self._was_ready)
        self._was_ready = is_ready
        self._subscribe()
        self._on_state(state, self._topics())

    def _topics(self) -> dict[str, str]:
        return {**self._reports.camera_topics(), **self._image_topics}
