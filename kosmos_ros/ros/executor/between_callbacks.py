# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Changes to a node that only the thread of its executor may make.

The executor raises if another thread destroys what it prepares to wait for, or whose subscribers
it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node


def between_callbacks(node: Node, work: Callable[..., object], *arguments: Any) -> None:
    """
    Run work in a node's executor between two callbacks, at once if there is none.

    :param work: must not raise.
    """
    executor = node.executor
    if executor is None:
        work(*arguments)
    else:
        executor.create_task(work, *arguments)
