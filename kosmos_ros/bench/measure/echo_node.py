# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A node that answers each image and each call with nothing, at once: the cost of transport.

    python -m kosmos_ros.bench.measure.echo_node --ros-args -r image:=/camera/image_raw
"""

from __future__ import annotations

from contextlib import suppress
import sys

from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

from kosmos_ros.ros.endpoints.services import SERVICE_QOS


class EchoNode(Node):
    """Receives images and calls as the grounding node does, and reads only headers of images."""

    def __init__(self) -> None:
        super().__init__('echo')
        self._newest: Image | None = None
        self._detections = self.create_publisher(Detection2DArray, '~/detections', 10)
        self.create_subscription(Image, 'image', self._answer, QoSProfile(depth=1))
        self.create_service(Ground, '~/ground', lambda _, empty: empty, qos_profile=SERVICE_QOS)

    def _answer(self, image: Image) -> None:
        # As every node that uses images does. Freed at once, the memory of a large one would be
        # returned to the system and mapped again for the next, which takes milliseconds.
        self._newest = image
        self._detections.publish(Detection2DArray(header=image.header))


def main() -> int:
    """Answer until a signal comes."""
    rclpy.init()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(EchoNode())
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
