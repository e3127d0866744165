# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
An executor that goes on after a message that cannot be taken.

rclpy notes that it is about to take what has come for a service, and forgets the note only once
that has worked. Raises the middleware while taking, as when memory is short, then the service is
never looked at again, and nothing of its callback group is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor

from kosmos_ros.ros.executor.failures import Failures


class LastingExecutor(SingleThreadedExecutor):
    """
    Runs callbacks in the calling thread, and drops what cannot be taken.

    :param failures: records why.
    :param context: the default one if None.
    """

    def __init__(self, failures: Failures, context: Context | None = None) -> None:
        super().__init__(context=context)
        self._failures = failures

    def _make_handler(
        self, entity: Any, node: Any, take_from_wait_list: Callable[[Any], Any], *others: Any
    ) -> Any:
        """Extend a method of rclpy's that is not public, but has kept its name since Dashing."""

        def take(entity: Any) -> Any:
            taken: list[Any] = []
            self._failures.guard(lambda: taken.append(take_from_wait_list(entity)))()
            return taken[0] if taken else None

        return super()._make_handler(entity, node, take, *others)
