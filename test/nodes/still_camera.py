# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A camera in a process of its own that shows a grey wall, 20 times a second."""

from __future__ import annotations

from array import array

import rclpy
from rclpy.node import Node
from sensor_msgs.msg import Image

WIDTH, HEIGHT = 64, 48


def main() -> None:
    """Publish until killed."""
    rclpy.init()
    node = Node('still_camera')
    publisher = node.create_publisher(Image, 'image', 1)
    image = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding='rgb8')
    image.header.frame_id = 'wall'
    image.data = array('B', bytes([128]) * (3 * WIDTH * HEIGHT))

    def publish() -> None:
        image.header.stamp = node.get_clock().now().to_msg()
        publisher.publish(image)

    node.create_timer(0.05, publish)
    rclpy.spin(node)


if __name__ == '__main__':
    main()
