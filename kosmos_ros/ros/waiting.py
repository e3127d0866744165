# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Waiting in a callback for another thread, while the executor goes on."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

from rclpy.executors import Executor
import rclpy.task

T = TypeVar('T')


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
