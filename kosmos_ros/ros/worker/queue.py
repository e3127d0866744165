# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The jobs that wait for the model: how many may, and who has to go when one more comes.

Memory stays bounded, however many callers there are, and whoever finds no room hears BUSY at once
rather than a timeout later.
"""

from __future__ import annotations

from typing import Any

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import Job


class JobQueue:
    """
    A bounded queue; like a list, it is used by one thread at a time.

    ``size`` and ``policy`` may be changed at any time. A smaller size drops nobody.

    :param size: how many jobs may wait, at least 1.
    :param policy: what to do about one more.
    """

    def __init__(self, size: int, policy: BusyPolicy = BusyPolicy.REJECT) -> None:
        self.size = size
        self.policy = policy
        self._jobs: list[Job[Any]] = []

    def __len__(self) -> int:
        """Return how many jobs wait, those that are decided meanwhile left out."""
        self._drop_decided()
        return len(self._jobs)

    def put(self, job: Job[Any]) -> list[Job[Any]]:
        """
        Let a job wait.

        :returns: the jobs that had to make room, for the caller to ``replace``; they are not
            decided here, as whoever waits for them might call back.
        :raises RefusedError: BUSY, if there is no room.
        """
        self._drop_decided()
        surplus = len(self._jobs) + 1 - self.size
        if surplus > 0 and self.policy is BusyPolicy.REJECT:
            raise RefusedError(
                Status.BUSY, f'{len(self._jobs)} requests are waiting already; try later'
            )
        replaced = self._jobs[: max(0, surplus)]
        self._jobs = [*self._jobs[len(replaced) :], job]
        return replaced

    def take_ready(self) -> Job[Any] | None:
        """Take out the oldest job that can start; those that cannot let it pass."""
        self._drop_decided()
        job = next((job for job in self._jobs if job.is_ready()), None)
        if job is not None:
            self._jobs.remove(job)
        return job

    def put_back(self, job: Job[Any]) -> None:
        """Let a job wait again that was taken out, as the oldest, whatever the limit."""
        self._jobs.insert(0, job)

    def take_all(self) -> list[Job[Any]]:
        """Take out all jobs."""
        jobs, self._jobs = self._jobs, []
        return jobs

    def _drop_decided(self) -> None:
        self._jobs = [job for job in self._jobs if not job.is_over()]


def replace(job: Job[Any]) -> None:
    """Tell those who wait for a job that a newer one took its place."""
    job.fail(RefusedError(Status.BUSY, 'replaced by a newer request; the queue was full'))
