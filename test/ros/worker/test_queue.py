# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The queue of jobs: order, bounds and who has to go."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.queue import JobQueue, replace


def job(blocked: object = None) -> Job[None]:
    return Job(lambda *_: None, 60.0, lambda: blocked)


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
