# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the grounding node publishes and listens to, as another process has discovered it.

As a program it waits until that is no less than the topics named, and prints it.
"""

from __future__ import annotations

import sys
import time

import rclpy
from rclpy.node import Node

_PATIENCE = 30.0


def topics_of_node(observer: Node) -> list[str]:
    """Return the topics of the node ``/grounding``; nothing before it is discovered."""
    if ('grounding', '/') not in observer.get_node_names_and_namespaces():
        return []
    published = observer.get_publisher_names_and_types_by_node('grounding', '/')
    heard = observer.get_subscriber_names_and_types_by_node('grounding', '/')
    return sorted(name for name, _ in [*published, *heard])


def main() -> None:
    """Observe and print."""
    rclpy.init()
    observer, end = Node('observer'), time.monotonic() + _PATIENCE
    while not set(topics_of_node(observer)) >= set(sys.argv[1:]) and time.monotonic() < end:
        time.sleep(0.05)
    print(*topics_of_node(observer))


if __name__ == '__main__':
    main()
