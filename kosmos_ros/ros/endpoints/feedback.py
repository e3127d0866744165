# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Progress of an answer, from the model's thread to the client of an action.

The model is not delayed: it leaves its progress and goes on, and the executor publishes it. If it
comes faster than it can be published, only the newest is, and always the last.
"""

from __future__ import annotations

from collections.abc import Callable
import threading
import time

from rclpy.executors import Executor

from kosmos_ros.ros.answering.question import PartialAnswer
from kosmos_ros.ros.executor.waiting import Signal

PERIOD = 0.05
"""Least seconds between two messages, but for the last one."""


class FeedbackStream:
    """
    The progress of one answer.

    :param publish: called in the executor's thread.
    """

    def __init__(self, publish: Callable[[PartialAnswer], None], executor: Executor) -> None:
        self._publish = publish
        self._signal = Signal(executor)
        self._lock = threading.Lock()
        self._newest: PartialAnswer | None = None
        self._is_over = False
        self._due = 0.0

    def put(self, partial: PartialAnswer) -> None:
        """Leave progress; from any thread."""
        with self._lock:
            self._newest = partial
            is_due = time.monotonic() >= self._due
        if is_due:
            self._signal.give()

    def end(self) -> None:
        """End the stream; from any thread."""
        with self._lock:
            self._is_over = True
        self._signal.give()

    async def run(self) -> None:
        """Publish until the end."""
        while True:
            with self._lock:
                partial, self._newest = self._newest, None
                is_over = self._is_over
            if partial is not None:
                self._publish(partial)
                self._due = time.monotonic() + PERIOD
            if is_over:
                return
            await self._signal.wait()
