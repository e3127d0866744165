# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The queue of jobs: order, bounds, who has to go, and what comes next for the model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.queue import JobQueue, MOST_BYTES, replace, Workload

LONG = 60.0


def job(blocked: object = None, timeout: float = LONG) -> Job[None]:
    return Job(lambda *_: None, timeout, lambda: blocked)


def test_jobs_are_taken_in_their_order_once_they_are_ready() -> None:
    queue = JobQueue(3)
    waits, first, second = job(RefusedError(Status.NO_IMAGE, 'no image')), job(), job()
    assert [queue.put(one) for one in (waits, first, second)] == [[], [], []]
    assert [queue.take_ready(), queue.take_ready(), queue.take_ready()] == [first, second, None]
    assert len(queue) == 1


def test_a_full_queue_refuses_the_newcomer() -> None:
    queue = JobQueue(2)
    first, second = job(), job()
    queue.put(first)
    queue.put(second)
    with pytest.raises(RefusedError, match='2 requests are waiting already') as refused:
        queue.put(job())
    assert refused.value.status is Status.BUSY
    assert queue.take_all() == [first, second]
    assert len(queue) == 0


def test_a_full_queue_can_replace_the_oldest() -> None:
    queue = JobQueue(2, BusyPolicy.REPLACE_OLDEST)
    first, second, third = job(), job(), job()
    assert [queue.put(one) for one in (first, second, third)] == [[], [], [first]]
    replace(first)
    with pytest.raises(RefusedError, match='replaced by a newer request') as refused:
        first.future.result(0)
    assert refused.value.status is Status.BUSY
    assert queue.take_all() == [second, third]


NOT_YET = RefusedError(Status.NO_IMAGE, 'no image')


def test_jobs_that_wait_for_an_image_have_places_of_their_own() -> None:
    queue = JobQueue(1)
    waits, ready = job(NOT_YET), job()
    queue.put(waits)
    queue.put(ready)
    with pytest.raises(RefusedError, match='1 requests are waiting for an image already'):
        queue.put(job(NOT_YET))
    with pytest.raises(RefusedError, match='1 requests are waiting already'):
        queue.put(job())
    queue.policy = BusyPolicy.REPLACE_OLDEST
    assert queue.put(job()) == [ready]
    assert queue.put(job(NOT_YET)) == [waits]


def test_a_job_that_is_held_up_takes_a_place_among_those_that_wait() -> None:
    queue = JobQueue(1)
    held_up = job()
    queue.put(held_up)
    assert queue.take_ready() is held_up
    queue.put_back(held_up)
    queue.put(job())
    with pytest.raises(RefusedError, match='for an image already'):
        queue.put(job(NOT_YET))


def test_what_waits_may_hold_so_many_bytes_together() -> None:
    def heavy(nbytes: int) -> Job[None]:
        return Job(lambda *_: None, LONG, nbytes=nbytes)

    queue = JobQueue(3)
    queue.put(heavy(MOST_BYTES + 1))  # one alone may be larger
    with pytest.raises(RefusedError, match='256 MB of images are waiting already') as refused:
        queue.put(heavy(1))
    assert refused.value.status is Status.BUSY
    assert queue.take_ready()
    queue.put(heavy(MOST_BYTES - 1))
    queue.put(heavy(1))
    with pytest.raises(RefusedError, match='MB of images'):
        queue.put(heavy(1))
    queue.put(job())


def test_jobs_that_are_decided_take_no_room() -> None:
    queue = JobQueue(1)
    first, second = job(), job()
    queue.put(first)
    first.fail(RefusedError(Status.TIMEOUT, 'too late'))
    assert len(queue) == 0
    queue.put(second)
    assert queue.take_ready() is second


def test_limits_change_while_jobs_wait() -> None:
    queue = JobQueue(3)
    jobs = [job(), job(), job()]
    for one in jobs:
        queue.put(one)
    queue.size, queue.policy = 1, BusyPolicy.REPLACE_OLDEST
    newest = job()
    assert queue.put(newest) == jobs
    assert queue.take_all() == [newest]


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
