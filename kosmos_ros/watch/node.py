# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The ROS side of the page: listens to the grounding node and asks it.

Everything here runs in the one thread that spins the node; what arrives is passed on through
``Listener``, whose methods must not block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

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
from kosmos_ros.watch.pictures import JpegPicture
from kosmos_ros.watch.states import NodeState, Reports

POLL_SECONDS = 0.5

OnResponse = Callable[[Ground.Response], None]


class Listener(Protocol):
    """Receives what arrives from the node."""

    def on_picture(self, picture: JpegPicture) -> None:
        """Take an image of a camera."""

    def on_answer(self, message: Grounding) -> None:
        """Take an answer to any question."""

    def on_tracks(self, message: Grounding) -> None:
        """Take boxes that were carried to a newer image."""

    def on_state(self, state: NodeState, cameras: Mapping[str, str]) -> None:
        """Take the state of the grounding node, and the image topic of each camera."""


class WatchNode(Node):
    """
    Listens to one grounding node.

    :param namespace: the grounding node's, such as ``/kosmos``.
    :param image_topics: by camera, instead of those in the node's diagnostics.
    """

    def __init__(
        self, namespace: str, image_topics: Mapping[str, str], listener: Listener
    ) -> None:
        super().__init__('kosmos_watch')
        self.failures = Failures(self.get_logger())
        self.target = f'{namespace.rstrip("/")}/grounding'
        """Full name of the grounding node."""
        self._listener = listener
        self._image_topics = dict(image_topics)
        self._reports = Reports(self.target)
        self._cameras = WatchedCameras(self, listener.on_picture, self.failures)
        self._looked_at: tuple[str, ...] = ()
        self._tracks: Subscription | None = None
        self._was_ready = False
        self._client = self.create_client(
            Ground, f'{self.target}/ground', qos_profile=QoSProfile(depth=100)
        )
        guard = self.failures.guard
        self.create_subscription(DiagnosticArray, '/diagnostics', guard(self._diagnose), 10)
        self.create_subscription(
            Grounding, f'{self.target}/groundings', guard(listener.on_answer), 10
        )
        # On the steady clock: simulated time may stand still.
        self.create_timer(
            POLL_SECONDS, guard(self._poll), clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def look(self, cameras: tuple[str, ...]) -> None:
        """Subscribe to these cameras from now on, and to no others."""
        self._looked_at = cameras
        topics = self._topics()
        self._cameras.look({name: topics[name] for name in cameras if name in topics})
        # The node carries boxes only while there are subscribers.
        if cameras and self._tracks is None:
            self._tracks = self.create_subscription(
                Grounding,
                f'{self.target}/tracks',
                self.failures.guard(self._listener.on_tracks),
                1,
            )
        elif not cameras and self._tracks is not None:
            self.destroy_subscription(self._tracks)
            self._tracks = None

    def ask(self, request: Ground.Request, on_response: OnResponse) -> None:
        """Call the node; there may never be a response."""

        def finish(future: Future) -> None:
            response = future.result()
            if response is not None:
                on_response(response)

        self._client.call_async(request).add_done_callback(self.failures.guard(finish))

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
        self.look(self._looked_at)
        self._listener.on_state(state, self._topics())

    def _topics(self) -> dict[str, str]:
        return {**self._reports.camera_topics(), **self._image_topics}
