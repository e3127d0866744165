# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Cancelling work whose clients are gone.

ROS does not tell a service who called, nor that a caller is gone, but it counts a service's
clients: when the last one is gone, nobody can be waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
import threading

from kosmos_ros.core.types import Status
from kosmos_ros.ros.answering.question import Reply
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import settle

_LOOKS = 2
"""A client's first call may overtake the news of the client."""


class ClientWatch:
    """
    Ends the work for clients that are gone; safe to use from several threads.

    :param count_clients: returns how many clients there are.
    """

    def __init__(self, count_clients: Callable[[], int]) -> None:
        self._count_clients = count_clients
        self._lock = threading.Lock()
        self._awaited: set[Future[Reply]] = set()
        self._empty_looks = 0

    def awaits(self, outcome: Future[Reply]) -> None:
        """Remember that a client waits for this."""
        with self._lock:
            self._awaited.add(outcome)
        outcome.add_done_callback(self._forget)

    def look(self) -> None:
        """End what nobody waits for; to be called every second or so."""
        with self._lock:
            awaited = list(self._awaited)
        is_empty = bool(awaited) and not self._count_clients()
        self._empty_looks = self._empty_looks + 1 if is_empty else 0
        if self._empty_looks >= _LOOKS:
            for outcome in awaited:
                settle(outcome, RefusedError(Status.CANCELLED, 'all clients are gone'))

    def _forget(self, outcome: Future[Reply]) -> None:
        with self._lock:
            self._awaited.discard(outcome)
