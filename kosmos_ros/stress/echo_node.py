# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A node whose service ``~/ground`` answers at once: what calls cost without any work."""

from __future__ import annotations

from contextlib import suppress
import sys

from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node

from kosmos_ros.ros.endpoints.services import SERVICE_QOS


def _answer(request: Ground.Request, response: Ground.Response) -> Ground.Response:
    response.grounding.query = request.query
    return response


def main() -> int:
    """Answer until a signal comes."""
    rclpy.init()
    node = Node('echo')
    node.create_service(Ground, '~/ground', _answer, qos_profile=SERVICE_QOS)
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
