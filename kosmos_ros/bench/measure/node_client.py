# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A camera and a subscriber to the detections of nodes, in one process."""

from __future__ import annotations

from dataclasses import dataclass
import time

from kosmos_ros_msgs.msg import Grounding
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray

from kosmos_ros.bench.machine import BenchError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.ros.conversions.images import image_to_ros
from kosmos_ros.ros.conversions.values import time_from_ros

MODEL = 'model'
"""Name of the node that runs a model, and is asked how long that took."""

_RETRY_SECONDS = 0.5
_ANSWER_SECONDS = 20.0
_POLL_SECONDS = 0.1


@dataclass
class _Route:
    """
    The way to one node and back.

    ``arrived`` is when detections of a stamp came; ``answers`` are serialised groundings.
    """

    publisher: Publisher
    arrived: dict[int, float]
    answers: list[bytes]


class NodeClient:
    """
    Shows images to nodes, one at a time, and waits for their detections.

    :param names: of the nodes; each has its own image topic, so that only one of them works at a
        time.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._node = Node('bench_client')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._routes = {name: self._route(name) for name in names}

    def close(self) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown()
        self._node.destroy_node()

    def wait_for(self, name: str, image: RgbImage, seconds: float) -> None:
        """
        Wait until a node answers.

        :raises BenchError: if it does not.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._show(name, self._message(image), _RETRY_SECONDS) is not None:
                return
        raise BenchError(f'the node {name} did not answer within {seconds:.0f} s')

    def latency(self, name: str, image: RgbImage) -> tuple[float, int]:
        """
        Show an image to a node.

        :returns: seconds from before the image is published until its detections have arrived,
            and the stamp in nanoseconds.
        :raises BenchError: if there is no answer.
        """
        message = self._message(image)
        seconds = self._show(name, message, _ANSWER_SECONDS)
        if seconds is None:
            raise BenchError(f'an image shown to the node {name} was not answered')
        return seconds, time_from_ros(message.header.stamp)

    def inference_seconds(self, name: str, stamp: int) -> float:
        """
        Return the inference time that the node reports for the image of a stamp.

        :raises BenchError: if it reports none.
        """
        deadline = time.monotonic() + _ANSWER_SECONDS
        answers = self._routes[name].answers
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=_POLL_SECONDS)
            while answers:
                # Only now: deserialising while something is timed would count.
                answer = deserialize_message(answers.pop(), Grounding)
                if time_from_ros(answer.header.stamp) == stamp:
                    duration = answer.inference_time
                    return float(duration.sec) + 1e-9 * float(duration.nanosec)
        raise BenchError(f'the node {name} published detections, but no grounding')

    def rest(self, seconds: float) -> None:
        """Wait until all processes are idle."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def _route(self, name: str) -> _Route:
        topic = f'/bench/{name}'
        publisher = self._node.create_publisher(Image, f'{topic}/image', QoSProfile(depth=1))
        route = _Route(publisher, {}, [])

        def arrive(message: Detection2DArray) -> None:
            route.arrived[time_from_ros(message.header.stamp)] = time.perf_counter()

        self._node.create_subscription(Detection2DArray, f'{topic}/detections', arrive, 10)
        if name == MODEL:
            callback = route.answers.append
            self._node.create_subscription(
                Grounding, f'{topic}/groundings', callback, 10, raw=True
            )
        return route

    def _message(self, image: RgbImage) -> Image:
        return image_to_ros(image, Header(frame_id='bench_camera'))

    def _show(self, name: str, message: Image, patience: float) -> float | None:
        route = self._routes[name]
        route.arrived.clear()
        route.answers.clear()
        stamp = self._node.get_clock().now()
        message.header.stamp = stamp.to_msg()
        start = time.perf_counter()
        route.publisher.publish(message)
        deadline = start + patience
        while stamp.nanoseconds not in route.arrived and time.perf_counter() < deadline:
            self._executor.spin_once(timeout_sec=_POLL_SECONDS)
        if stamp.nanoseconds not in route.arrived:
            return None
        return route.arrived[stamp.nanoseconds] - start
