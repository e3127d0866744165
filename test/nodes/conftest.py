# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Grounding nodes in processes of their own, and a robot that talks to them over DDS."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
import time

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from lifecycle_msgs.srv import ChangeState, GetState
import numpy as np
import pytest
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.task import Future
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 64, 48
GREY = 128

_TOPICS = {
    *('/diagnostics', '/parameter_events', '/rosout', '/grounding/transition_event'),
    *('/grounding/debug_image', '/grounding/detections', '/grounding/detections_3d'),
    *('/grounding/groundings', '/grounding/markers', '/grounding/tracks'),
    '/grounding/ground_action/_action/feedback',
    '/grounding/ground_action/_action/status',
}
"""What the node publishes in each state."""

_PATIENCE = 20.0
"""Seconds after which a response counts as lost."""


def grey_image() -> Image:
    """Make an rgb8 image of one grey."""
    image = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding='rgb8')
    image.header.frame_id = 'robot_camera'
    image.data = array('B', np.full(3 * WIDTH * HEIGHT, GREY, np.uint8).tobytes())
    return image


class Robot:
    """A camera and a client of the grounding node, both in the test's process."""

    def __init__(self, domain: int) -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self.node = Node('robot', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.ground = self.node.create_client(
            Ground, '/grounding/ground', qos_profile=QoSProfile(depth=1000)
        )
        self.standing = self.node.create_client(SetStandingQuery, '/grounding/set_standing_query')
        self.get_state = self.node.create_client(GetState, '/grounding/get_state')
        self.change_state = self.node.create_client(ChangeState, '/grounding/change_state')
        self._parameters = self.node.create_client(SetParameters, '/grounding/set_parameters')
        self.stamps: list[object] = []
        """Of the images published so far."""
        self.received: dict[str, list[object]] = {}
        """Messages of the topics listened to, by topic."""
        self._statuses: dict[str, DiagnosticStatus] = {}
        self._is_heard = False
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._diagnose, 10)

    def film(self, topic: str = 'image', **qos: object) -> None:
        """Publish images from now on, 20 times a second."""
        publisher = self.node.create_publisher(Image, topic, QoSProfile(depth=1, **qos))

        def publish() -> None:
            image = grey_image()
            image.header.stamp = self.node.get_clock().now().to_msg()
            self.stamps.append(image.header.stamp)
            publisher.publish(image)

        self.node.create_timer(0.05, publish)

    def listen(self) -> None:
        """Collect what the node publishes."""
        for kind, topic in (
            (Grounding, 'groundings'),
            (Detection2DArray, 'detections'),
            (Image, 'debug_image'),
        ):
            messages = self.received.setdefault(topic, [])
            self.node.create_subscription(kind, f'/grounding/{topic}', messages.append, 10)

    def ask(self, query: str = 'the red cube', **fields: object) -> Ground.Response:
        """Call ``~/ground`` and wait for the response."""
        return self.call(self.ground, Ground.Request(query=query, **fields))

    def ask_until(
        self, status: int, query: str = 'the red cube', **fields: object
    ) -> Ground.Response:
        """Ask until the answer has a status: the model may still be loading, an image coming."""
        return self.wait_until(
            lambda: (
                response
                if (response := self.ask(query, **fields)).grounding.status == status
                else self.spin(0.05)
            )
        )

    def call(self, client: Client, request: object) -> object:
        """
        Call a service and wait for the response.

        A service drops the response when it has not discovered the client's side of it within a
        tenth of a second, which happens to a first call on a busy machine: then call again.
        """
        self.wait_until(client.service_is_ready)
        future = client.call_async(request)
        deadline = time.monotonic() + _PATIENCE
        while not future.done() and time.monotonic() < deadline:
            self.spin(0.05)
        if not future.done():
            future = client.call_async(request)
        self.wait_until(future.done)
        return future.result()

    def state(self) -> str:
        """Return the label of the node's state."""
        return self.call(self.get_state, GetState.Request()).current_state.label

    def topics(self) -> list[str]:
        """Return what the node publishes and listens to; nothing before it is discovered."""
        if ('grounding', '/') not in self.node.get_node_names_and_namespaces():
            return []
        published = self.node.get_publisher_names_and_types_by_node('grounding', '/')
        heard = self.node.get_subscriber_names_and_types_by_node('grounding', '/')
        return sorted(name for name, _ in [*published, *heard])

    def wait_for_no_more_topics(self) -> None:
        """Wait until the node has the topics of each state and no others."""
        self.wait_until(lambda: set(self.topics()) == _TOPICS)

    def begin_transition(self, label: str) -> Future:
        """Ask for a transition, such as configure, without waiting for it."""
        request = ChangeState.Request()
        if not self._is_heard:
            # Unlike a real one this may be called again if its response is lost, see ``call``.
            request.transition.label = 'none'
            self.call(self.change_state, request)
            self._is_heard = True
        request.transition.label = label
        return self.change_state.call_async(request)

    def transition(self, label: str) -> bool:
        """Have the node make a transition, and return whether it succeeded."""
        future = self.begin_transition(label)
        self.wait_until(future.done, timeout=200.0)
        return future.result().success

    def set_parameter(self, name: str, value: object) -> SetParametersResult:
        """Set a parameter of the node."""
        parameter = Parameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        return self.call(self._parameters, request).results[0]

    def value(self, name: str, key: str) -> str:
        """Return a value of the latest diagnostic status whose name ends like this."""
        return next((one.value for one in self.status(name).values if one.key == key), '')

    def status(self, name: str) -> DiagnosticStatus:
        """Return the latest diagnostic status whose name ends like this."""
        return self._statuses.get(name, DiagnosticStatus(level=b'\xff'))

    def wait_until(self, condition: Callable[[], object], timeout: float = 120.0) -> object:
        """Run callbacks until the condition holds, and return what it returned."""
        deadline = time.monotonic() + timeout
        while not (result := condition()):
            assert time.monotonic() < deadline, f'it did not come to pass within {timeout} s'
            self.spin(0.05)
        return result

    def spin(self, seconds: float) -> None:
        """Run the next callback, waiting this long at most."""
        self._executor.spin_once(timeout_sec=seconds)

    def spin_for(self, seconds: float) -> None:
        """Run callbacks for this long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.spin(0.05)

    def close(self) -> None:
        """Leave the network."""
        self._executor.shutdown()
        self.node.destroy_node()
        self._context.try_shutdown()

    def _diagnose(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._statuses[status.name.split(': ', 1)[1]] = status


@pytest.fixture
def robot(ros_domain: int) -> Iterator[Robot]:
    """Give the test a robot in its own domain."""
    robot = Robot(ros_domain)
    yield robot
    robot.close()


@pytest.fixture
def start_node(start_process: Callable[..., object]) -> Callable[..., object]:
    """
    Start the node with a scripted backend.

    ``start_node('quick', queue_size=3)`` sets a parameter, ``environment={...}`` variables.
    """

    def start(
        behaviour: str, environment: dict[str, str] | None = None, **parameters: object
    ) -> object:
        arguments = [HERE / 'scripted_node.py', behaviour, '--ros-args']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={value}']
        return start_process(*arguments, environment=environment)

    return start


@pytest.fixture
def start_camera(start_process: Callable[..., object]) -> Callable[[], object]:
    """Start a camera in a process of its own."""
    return lambda: start_process(HERE / 'still_camera.py')
