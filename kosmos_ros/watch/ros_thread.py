# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The thread that runs ROS."""

from __future__ import annotations

from collections.abc import Callable
import threading
from typing import Any

from kosmos_ros.ros.executor.lasting_executor import LastingExecutor
from kosmos_ros.watch.node import WatchNode

_SPIN_SECONDS = 0.1


class RosThread:
    """
    Spins a node until it is stopped.

    :param node: used by this thread alone from now on.
    """

    def __init__(self, node: WatchNode) -> None:
        self._node = node
        self._stopping = threading.Event()
        self._executor = LastingExecutor(node.failures, node.context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._spin, name='ros', daemon=True)
        self._thread.start()

    def run(self, function: Callable[..., None], *args: Any) -> None:
        """Have a function run in this thread, soon."""
        self._executor.create_task(self._node.failures.guard(function), *args)

    def stop(self, timeout: float) -> None:
        """
        End the thread and leave ROS.

        :param timeout: seconds for a callback to finish.
        """
        self._stopping.set()
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._executor.shutdown(timeout_sec=0.0)
            self._node.destroy_node()

    def _spin(self) -> None:
        spin_once = self._node.failures.guard(self._executor.spin_once)
        while not self._stopping.is_set():
            spin_once(_SPIN_SECONDS)
