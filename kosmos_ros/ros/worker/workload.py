# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What there is to do for the model: the job in progress, those that wait, and idle work."""

from __future__ import annotations

from typing import Any

from kosmos_ros.ros.executor.idle_work import IdleWork, NoIdleWork
from kosmos_ros.ros.worker.deadlines import AlarmClock
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.queue import JobQueue


class Workload:
    """
    Knows what comes next, and has the deadlines kept; like a list, used by one thread at a time.

    :param queue: where jobs wait; the workload's alone from now on, but for its limits.
    """

    def __init__(self, queue: JobQueue) -> None:
        self.idle_work: IdleWork = NoIdleWork()
        """Asked when no job is ready."""
        self.current: Job[Any] | None = None
        """The job in progress."""
        self._is_spare = False
        self._queue = queue
        self._alarms = AlarmClock()

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._queue)

    def put(self, job: Job[Any]) -> list[Job[Any]]:
        """
        Let a job wait, and its time run.

        :returns: the jobs that had to make room, for the caller to ``replace``.
        :raises RefusedError: BUSY, if there is no room.
        """
        replaced = self._queue.put(job)
        job.start_clock(self._alarms)
        return replaced

    def begin_next(self) -> Job[Any] | None:
        """Take what is to be done now, which then is in progress; None if nothing is ready."""
        asked = self._queue.take_ready()
        self._is_spare = asked is None
        self.current = asked or self._take_idle()
        return self.current

    def put_back(self) -> bool:
        """
        Let the job in progress wait again, before all others.

        :returns: whether it does; idle work comes anew instead.
        """
        job, self.current = self.current, None
        if job is None or self._is_spare:
            return False
        self._queue.put_back(job)
        return True

    def seconds_until_due(self) -> float | None:
        """Return when to look again at the latest, None for not before something has changed."""
        return self.idle_work.seconds_until_due()

    def seconds_overdue(self) -> float:
        """Return for how long the deadline of the job in progress is over; 0 if it is not."""
        return 0.0 if self.current is None else self.current.seconds_overdue()

    def take_waiting(self) -> list[Job[Any]]:
        """Take out all jobs that wait."""
        return self._queue.take_all()

    def take_all(self) -> list[Job[Any]]:
        """Take out all jobs that wait, and return that in progress with them."""
        return [*self.take_waiting(), *([self.current] if self.current else [])]

    def end_deadlines(self) -> None:
        """Keep no deadline any more."""
        self._alarms.close()

    def _take_idle(self) -> Job[Any] | None:
        job = self.idle_work.next_job()
        if job is not None:
            job.start_clock(self._alarms)
        return job
