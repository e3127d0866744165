# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Who watches over the grounding node: asks it, sets it, and shows it malformed images."""

from __future__ import annotations

import threading
import time
from typing import Any

from kosmos_ros_msgs.srv import SetStandingQuery
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import String

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.types import Status
from kosmos_ros.ros.client import GroundingClient
from kosmos_ros.stress.load_clients import GO, QUERY

ANSWERED = (Status.FOUND, Status.NOT_FOUND, Status.LOW_SCORE)
LATER = (
    Status.BUSY,
    Status.CANCELLED,
    Status.NO_IMAGE,
    Status.NOT_READY,
    Status.STALE_IMAGE,
    Status.TIMEOUT,
)
"""What a valid call may hear as well while something is under way; it is made again."""

_RETRY_SECONDS = 0.2
_LOST_SECONDS = 5.0


class StressError(KosmosError, RuntimeError):
    """The node did something that it must not do, or did not do what it must."""


class Driver:
    """
    A node in this process, spun by a thread of its own.

    :param target: full name of the grounding node.
    :param image_topic: where malformed images go.
    """

    def __init__(self, target: str, image_topic: str) -> None:
        self._node = Node('stress')
        self._grounding = GroundingClient(self._node, target)
        self._services = {
            kind: self._node.create_client(kind, f'{target}/{name}')
            for kind, name in (
                (ChangeState, 'change_state'),
                (SetParameters, 'set_parameters'),
                (SetStandingQuery, 'set_standing_query'),
            )
        }
        self._images = self._node.create_publisher(Image, image_topic, QoSProfile(depth=10))
        self.orders: Publisher = self._node.create_publisher(String, GO, 10)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown(timeout_sec=1.0)
        self._thread.join(timeout=5.0)
        self._node.destroy_node()

    def wait_for_answer(self, seconds: float, *, after_kill: bool = False) -> float:
        """
        Make a valid call, again while there is a good reason that it is not answered.

        :param seconds: within which it has to be answered.
        :param after_kill: it may have come to what was killed, and be lost or fail.
        :returns: the seconds that it took.
        :raises StressError: if it was not answered in time, or not as it should.
        """
        later = (*LATER, Status.MODEL_ERROR) if after_kill else LATER
        patience = _LOST_SECONDS if after_kill else seconds
        begun, heard = time.monotonic(), 'the service is not there'
        while (left := begun + seconds - time.monotonic()) > 0:
            if self._grounding.wait_until_ready(min(1.0, left)):
                try:
                    grounding = self.ask(min(left, patience), query=QUERY)
                except StressError as error:
                    heard = str(error)
                    continue
                status = Status(grounding.status)
                heard = f'{status.name}: {grounding.status_message}'
                if status in ANSWERED:
                    return time.monotonic() - begun
                if status not in later:
                    break
            time.sleep(_RETRY_SECONDS)
        raise StressError(f'a valid call was not answered within {seconds:g} s; {heard}')

    def ask(self, seconds: float, **fields: Any) -> Any:
        """
        Ask, and return the grounding.

        :raises StressError: if no answer comes.
        """
        try:
            return self._grounding.ask_and_wait(timeout=seconds, **fields).grounding
        except TimeoutError as error:
            raise StressError(str(error)) from error

    def set_parameter(self, name: str, value: Any, seconds: float) -> bool:
        """Set a parameter of the grounding node, and tell whether it accepted the value."""
        parameter = Parameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        return bool(self._call(SetParameters, request, seconds).results[0].successful)

    def change_state(self, label: str, seconds: float) -> None:
        """
        Have the grounding node change its state.

        :raises StressError: if it does not.
        """
        request = ChangeState.Request()
        request.transition.label = label
        if not self._call(ChangeState, request, seconds).success:
            raise StressError(f'the transition {label} failed')

    def set_standing(self, seconds: float, **fields: Any) -> None:
        """
        Set or stop the standing query.

        :raises StressError: if it is refused.
        """
        response = self._call(SetStandingQuery, SetStandingQuery.Request(**fields), seconds)
        if not response.success:
            raise StressError(f'the standing query was refused: {response.message}')

    def show(self, image: Image) -> None:
        """Publish an image among those of the camera."""
        image.header.stamp = self._node.get_clock().now().to_msg()
        self._images.publish(image)

    def _call(self, kind: Any, request: Any, seconds: float) -> Any:
        client: Client = self._services[kind]
        done = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        if not done.wait(seconds):
            client.remove_pending_request(future)
            raise StressError(f'{client.srv_name} did not answer within {seconds:g} s')
        return future.result()

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return
