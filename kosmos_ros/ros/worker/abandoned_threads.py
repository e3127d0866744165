# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Model threads that hang and were given up.

A thread cannot be ended from outside and keeps its model in memory, so at most one living thread
may be given up; after that only a new process helps.
"""

from __future__ import annotations

import threading


class AbandonedThreads:
    """Remembers threads that were given up; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def add(self, thread: threading.Thread) -> None:
        """Give a thread up."""
        with self._lock:
            self._threads.append(thread)

    def alive(self) -> int:
        """Return how many of them still run."""
        with self._lock:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            return len(self._threads)
