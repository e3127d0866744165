# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Waiting for another thread: in a callback, while the executor goes on, and in a thread."""

from __future__ import annotations

from concurrent.futures import Future
import threading
from typing import TypeVar

from rclpy.executors import Executor
import rclpy.task

T = TypeVar('T')

LONGEST_WAIT = 3600.0
"""
Seconds that a thread sleeps at most before it looks again.

Some 300 years are too many for the system, and a thread that asks for them ends with an error.
"""


def capped(seconds: float | None) -> float | None:
    """Return how long to sleep of a wait of any length, None for as long as nothing happens."""
    return None if seconds is None else min(seconds, LONGEST_WAIT)


async def outcome_of(outcome: Future[T], executor: Executor) -> T:
    """
    Wait for a future of another thread without keeping the executor from its other callbacks.

    :returns: its result.
    :raises Exception: whatever the future holds.
    """
    done = rclpy.task.Future(executor=executor)

    def finish(_: Future[T]) -> None:
        done.set_result(None)
        # A future alone does not wake a sleeping executor.
        executor.wake()

    outcome.add_done_callback(finish)
    await done
    return outcome.result()


class Signal:
    """
    A repeatable event that a coroutine waits for, and any thread may set.

    Set several times before the coroutine waits, it counts once: look up the cause afterwards.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._future = rclpy.task.Future(executor=executor)

    def give(self) -> None:
        """Let the coroutine go on."""
        with self._lock:
            if not self._future.done():
                self._future.set_result(None)
        # A future alone does not wake a sleeping executor.
        self._executor.wake()

    async def wait(self) -> None:
        """Wait until it has been set since the last time."""
        await self._future
        with self._lock:
            self._future = rclpy.task.Future(executor=self._executor)
