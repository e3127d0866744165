# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A camera that costs next to nothing: it shows a picture again and again, with new stamps.

    python -m kosmos_ros.stress.camera PICTURE TOPIC RATE_HZ
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
import sys

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from kosmos_ros.core.images.images import load_image
from kosmos_ros.ros.conversions.images import image_to_ros


def main(picture: str, topic: str, rate_hz: str) -> int:
    """Publish until a signal comes."""
    rclpy.init(args=[])
    node = Node('camera', namespace=topic.rpartition('/')[0])
    publisher = node.create_publisher(Image, topic, QoSProfile(depth=1))
    message = image_to_ros(load_image(Path(picture)), Header(frame_id='stress_camera'))

    def publish() -> None:
        message.header.stamp = node.get_clock().now().to_msg()
        publisher.publish(message)

    node.create_timer(1.0 / float(rate_hz), publish)
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
