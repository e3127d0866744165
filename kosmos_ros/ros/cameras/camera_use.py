# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How cameras are used: how much is kept, whether they subscribe lazily, and who needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import threading
import time

from kosmos_ros.ros.conversions.images import Converters, IN_PROCESS


@dataclass(frozen=True)
class CameraUse:
    """
    How cameras are used, the same for all.

    ``history`` is how many frames are kept. ``is_lazy`` subscribes only while somebody needs the
    camera, and ``lazy_seconds`` longer. ``depth_tolerance`` is the most seconds between the stamps
    of an image and its depth. The callables may return other values at any time. ``converters``
    make RGB of images.
    """

    history: int = 1
    is_lazy: bool = False
    lazy_seconds: Callable[[], float] = lambda: 10.0
    depth_tolerance: Callable[[], float] = lambda: 0.05
    converters: Converters = IN_PROCESS


USE_ALWAYS = CameraUse()


class Leases:
    """Counts users of a camera, and how long there are none; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._last_use = time.monotonic()

    def note(self) -> None:
        """Note that the camera is needed now."""
        with self._lock:
            self._last_use = time.monotonic()

    def lease(self) -> Callable[[], None]:
        """Need it until the returned function is called, once."""
        with self._lock:
            self._users += 1
        return self._release

    def idle_seconds(self) -> float:
        """Return for how long it has not been needed."""
        with self._lock:
            return 0.0 if self._users else time.monotonic() - self._last_use

    def _release(self) -> None:
        with self._lock:
            self._users -= 1
            self._last_use = time.monotonic()
