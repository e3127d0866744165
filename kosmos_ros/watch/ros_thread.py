# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The thread that runs ROS, and the way between it and the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
import threading
from typing import Any

from kosmos_ros_msgs.srv import Ground
from rclpy.executors import SingleThreadedExecutor

from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.node import WatchNode

_SPIN_SECONDS = 0.1


class RosThread:
    """
    Spins a ``WatchNode`` until it is stopped; to be made and used in the event loop.

    :param hub: gets what arrives, and asks.
    """

    def __init__(self, namespace: str, image_topics: Mapping[str, str], hub: Hub) -> None:
        self._loop = asyncio.get_running_loop()
        self._node = WatchNode(namespace, image_topics, hub, self._post)
        self._stopping = threading.Event()
        self._executor = SingleThreadedExecutor(context=self._node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name='ros', daemon=True)
        self._cameras: tuple[str, ...] = ()
        self._is_to_look = False
        self._thread.start()
        hub.connect(self)

    def look(self, cameras: tuple[str, ...]) -> None:
        """See ``WatchNode``; of what it has no time for, the newest counts."""
        self._cameras = cameras
        if not self._is_to_look:
            self._is_to_look = True
            self._run(self._look)

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        """See ``WatchNode``; the response comes back in the event loop."""
        self._run(self._node.ask, request, lambda response: self._post(on_response, response))

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

    def _look(self) -> None:
        self._is_to_look = False
        self._node.look(self._cameras)

    def _run(self, function: Callable[..., None], *args: Any) -> None:
        self._executor.create_task(self._node.failures.guard(function), *args)

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop was closed: the program ends
            self._loop.call_soon_threadsafe(function, *args)

    def _spin(self) -> None:
        spin_once = self._node.failures.guard(self._executor.spin_once)
        while not self._stopping.is_set():
            spin_once(_SPIN_SECONDS)
