# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Whether somebody still needs something."""

from __future__ import annotations

from collections.abc import Callable
import threading
import time


class Demand:
    """Remembers who needs something, and since when nobody does; safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._last_use = time.monotonic()

    def note(self) -> None:
        """Somebody needs it at this moment."""
        with self._lock:
            self._last_use = time.monotonic()

    def lease(self) -> Callable[[], None]:
        """Somebody needs it until what is returned is called, once."""
        with self._lock:
            self._users += 1
        return self._release

    def idle_seconds(self) -> float:
        """Return for how long nobody has needed it."""
        with self._lock:
            return 0.0 if self._users else time.monotonic() - self._last_use

    def _release(self) -> None:
        with self._lock:
            self._users -= 1
            self._last_use = time.monotonic()
