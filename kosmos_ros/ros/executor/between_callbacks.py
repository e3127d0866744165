# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Changes to a node that only the thread of its executor may make.

What another thread destroys while the executor prepares to wait for it, or counts its listeners,
makes the executor raise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node


def between_callbacks(node: Node, work: Callable[..., object], *arguments: Any) -> None:
    """
    Have the executor of a node do something between two of its callbacks, at once if it has none.

    :param work: has to let no exception through.
    """
    executor = node.executor
    if executor is None:
        work(*arguments)
    else:
        executor.create_task(work, *arguments)
