# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The worker's jobs: the one in progress, those that wait, and idle work.

The number of waiting jobs is limited, and a policy decides which has to go when one more comes.
Memory stays bounded, however many callers there are, and without room a caller gets BUSY at once
rather than a timeout later. Jobs that cannot start yet have places of their own: an image that
never comes must keep nobody from being answered who needs none.
"""

from __future__ import annotations

from typing import Any, Protocol

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.deadlines import AlarmClock
from kosmos_ros.ros.worker.job import Job

MOST_BYTES = 256_000_000
"""Bytes that all waiting jobs may hold together; one job alone may hold more."""


class IdleWork(Protocol):
    """What the worker does while no job waits."""

    def next_job(self) -> Job[Any] | None:
        """Return a job to do now, None if there is none."""
        ...

    def seconds_until_due(self) -> float | None:
        """Return when to ask again at the latest, None for not before ``Worker.notify()``."""
        ...


class NoIdleWork:
    """Nothing to do."""

    def next_job(self) -> None:
        """Return that there is no job."""

    def seconds_until_due(self) -> None:
        """Return that there will be no job."""


class JobQueue:
    """
    A bounded queue; like a list, it is used by one thread at a time.

    ``size`` and ``policy`` may be changed at any time. A smaller size drops nobody.

    :param size: how many jobs may wait that are ready, and how many others, at least 1.
    :param policy: what to do about one more.
    """

    def __init__(self, size: int, policy: BusyPolicy = BusyPolicy.REJECT) -> None:
        self.size = size
        self.policy = policy
        self._jobs: list[Job[Any]] = []

    def __len__(self) -> int:
        """Return how many jobs wait, without those decided meanwhile."""
        self._drop_decided()
        return len(self._jobs)

    def put(self, job: Job[Any]) -> list[Job[Any]]:
        """
        Let a job wait.

        :returns: the jobs that had to make room, for the caller to ``replace``; not decided here,
            as those waiting for them might call back.
        :raises RefusedError: BUSY, if there is no room.
        """
        self._drop_decided()
        held = sum(one.nbytes for one in self._jobs)
        if self._jobs and held + job.nbytes > MOST_BYTES:
            raise RefusedError(
                Status.BUSY, f'{held / 1e6:.0f} MB of images are waiting already; try later'
            )
        job.is_early = not job.is_ready()
        rivals = [one for one in self._jobs if one.is_early == job.is_early]
        surplus = len(rivals) + 1 - self.size
        if surplus > 0 and self.policy is BusyPolicy.REJECT:
            what = 'for an image ' if job.is_early else ''
            raise RefusedError(
                Status.BUSY, f'{len(rivals)} requests are waiting {what}already; try later'
            )
        replaced = rivals[: max(0, surplus)]
        self._jobs = [*(one for one in self._jobs if one not in replaced), job]
        return replaced

    def take_ready(self) -> Job[Any] | None:
        """Take out the oldest job that can start; those that cannot are skipped."""
        self._drop_decided()
        job = next((job for job in self._jobs if job.is_ready()), None)
        if job is not None:
            self._jobs.remove(job)
        return job

    def put_back(self, job: Job[Any]) -> None:
        """Let a job wait again that was taken out, as the oldest, whatever the limit."""
        job.is_early = True
        self._jobs.insert(0, job)

    def take_all(self) -> list[Job[Any]]:
        """Take out all jobs."""
        jobs, self._jobs = self._jobs, []
        return jobs

    def _drop_decided(self) -> None:
        self._jobs = [job for job in self._jobs if not job.is_over()]


def replace(job: Job[Any]) -> None:
    """Answer a job's callers that a newer one took its place."""
    job.fail(RefusedError(Status.BUSY, 'replaced by a newer request; the queue was full'))


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
        Let a job wait, and start its deadline.

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
        """Return how long ago the deadline of the job in progress was; 0 before it."""
        return 0.0 if self.current is None else self.current.seconds_overdue()

    def take_waiting(self) -> list[Job[Any]]:
        """Take out all jobs that wait."""
        return self._queue.take_all()

    def take_all(self) -> list[Job[Any]]:
        """Take out all jobs that wait, and return that in progress with them."""
        return [*self.take_waiting(), *([self.current] if self.current else [])]

    def end_deadlines(self) -> None:
        """End all deadlines."""
        self._alarms.close()

    def _take_idle(self) -> Job[Any] | None:
        job = self.idle_work.next_job()
        if job is not None:
            job.start_clock(self._alarms)
        return job
