# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One thread that keeps the deadlines of all jobs.

A ``threading.Timer`` for each job would start a thread for each image of a standing query, which
delays the answer more than everything else in the node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import heapq
import itertools
import logging
import threading
import time

from kosmos_ros.ros.executor.waiting import capped

_logger = logging.getLogger(__name__)


@dataclass(order=True)
class _Alarm:
    due: float
    number: int
    ring: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Do not call the function, and drop all references to it."""
        self.ring = None


class AlarmClock:
    """Calls functions at their times, on the steady clock; safe to use from several threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._alarms: list[_Alarm] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def set(self, seconds: float, ring: Callable[[], None]) -> Callable[[], None]:
        """
        Have a function called in this many seconds, by the clock's thread.

        :param ring: must be quick, as it delays the others.
        :returns: what cancels it.
        """
        alarm = _Alarm(time.monotonic() + seconds, next(self._numbers), ring)
        with self._condition:
            self._drop_cancelled()
            heapq.heappush(self._alarms, alarm)
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name='alarms', daemon=True)
                self._thread.start()
            # The thread sleeps until the first alarm only.
            if self._alarms[0] is alarm:
                self._condition.notify()
        return alarm.cancel

    def close(self) -> None:
        """Drop all alarms and end the thread."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()

    def _run(self) -> None:
        while (ring := self._next()) is not None:
            try:
                ring()
            except Exception:  # noqa: PERF203  the other alarms have to ring
                _logger.exception('an alarm failed')

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next alarm; None when the clock is closed."""
        with self._condition:
            while not self._is_closed:
                self._drop_cancelled()
                wait = self._alarms[0].due - time.monotonic() if self._alarms else None
                if wait is None or wait > 0:
                    self._condition.wait(capped(wait))
                elif (ring := heapq.heappop(self._alarms).ring) is not None:
                    return ring
        return None

    def _drop_cancelled(self) -> None:
        while self._alarms and self._alarms[0].ring is None:
            heapq.heappop(self._alarms)
