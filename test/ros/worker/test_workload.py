# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What comes next for the model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.queue import JobQueue
from kosmos_ros.ros.worker.workload import Workload

LONG = 60.0


def job(timeout: float = LONG) -> Job[None]:
    return Job(lambda *_: None, timeout)


class Idle:
    """One job for when there is nothing else."""

    def __init__(self) -> None:
        self.job: Job[None] | None = job()

    def next_job(self) -> Job[None] | None:
        taken, self.job = self.job, None
        return taken

    def seconds_until_due(self) -> float:
        return 7.0


@pytest.fixture
def workload() -> Iterator[Workload]:
    workload = Workload(JobQueue(2))
    yield workload
    workload.end_deadlines()


def test_idle_work_comes_when_no_job_waits(workload: Workload) -> None:
    assert (workload.begin_next(), workload.seconds_until_due()) == (None, None)
    idle = workload.idle_work = Idle()
    spare, asked = idle.job, job()
    assert workload.put(asked) == []
    assert len(workload) == 1
    assert [workload.begin_next() for _ in range(3)] == [asked, spare, None]
    assert (workload.current, workload.seconds_until_due()) == (None, 7.0)


def test_the_job_in_progress_is_taken_with_those_that_wait(workload: Workload) -> None:
    first, second = job(), job()
    workload.put(first)
    workload.put(second)
    assert workload.begin_next() is first
    assert workload.take_waiting() == [second]
    assert workload.take_all() == [first]
    assert len(workload) == 0


def test_a_job_that_is_held_up_waits_before_all_others(workload: Workload) -> None:
    first, second, third = job(), job(), job()
    workload.put(first)
    workload.put(second)
    assert workload.begin_next() is first
    workload.put(third)
    assert workload.put_back()
    assert (workload.current, len(workload)) == (None, 3)  # more than there is room for
    assert [workload.begin_next() for _ in range(3)] == [first, second, third]


def test_idle_work_that_is_held_up_does_not_wait(workload: Workload) -> None:
    workload.idle_work = Idle()
    assert workload.begin_next()
    assert not workload.put_back()
    assert (workload.current, len(workload)) == (None, 0)


def test_deadlines_are_kept_from_the_moment_a_job_waits(workload: Workload) -> None:
    late = job(timeout=0.01)
    workload.put(late)
    assert workload.begin_next() is late
    with pytest.raises(RefusedError) as error:
        late.future.result(30)
    assert error.value.status is Status.TIMEOUT
    assert workload.seconds_overdue() > 0
    workload.put(job())
    assert workload.begin_next() is not late
    assert workload.seconds_overdue() == 0
