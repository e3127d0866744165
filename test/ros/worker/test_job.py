# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A job has one outcome, and keeps its deadline."""

from __future__ import annotations

from collections.abc import Iterator
import threading

import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import HeldUpError, RefusedError
from kosmos_ros.ros.worker.deadlines import AlarmClock
from kosmos_ros.ros.worker.job import Job

BACKEND = ScriptedBackend()
LONG = 60.0


@pytest.fixture
def alarms() -> Iterator[AlarmClock]:
    """Give the test a clock."""
    clock = AlarmClock()
    yield clock
    clock.close()


def test_the_result_goes_to_the_future(alarms: AlarmClock) -> None:
    job = Job(lambda backend, should_stop: (backend, should_stop()), LONG)
    job.start_clock(alarms)
    job.execute(BACKEND)
    assert job.future.result(timeout=0) == (BACKEND, False)
    assert job.is_over()


def test_an_error_goes_to_the_future() -> None:
    def fail(*_: object) -> None:
        raise ModelError('no')

    job = Job(fail, LONG)
    job.execute(BACKEND)
    with pytest.raises(ModelError, match='no'):
        job.future.result(timeout=0)


def test_the_deadline_passes_while_the_model_is_at_it_and_tells_it_to_stop(
    alarms: AlarmClock,
) -> None:
    running, stopped = threading.Event(), threading.Event()

    def run(_: object, should_stop) -> str:
        running.set()
        while not should_stop():
            stopped.wait(0.001)
        stopped.set()
        return 'too late'

    job = Job(run, 0.05)
    thread = threading.Thread(target=job.execute, args=(BACKEND,))
    thread.start()
    assert running.wait(30)  # however slow the machine, the deadline is to come after this
    job.start_clock(alarms)
    with pytest.raises(RefusedError, match=r'within 0\.05 s: the model is still at it') as error:
        job.future.result(timeout=30)
    assert error.value.status is Status.TIMEOUT
    thread.join(30)
    assert stopped.is_set()
    assert job.seconds_overdue() > 0


def test_a_job_that_never_starts_expires_as_well(alarms: AlarmClock) -> None:
    job = Job(lambda *_: None, 0.01)
    job.start_clock(alarms)
    with pytest.raises(RefusedError, match='the model was busy with others') as error:
        job.future.result(timeout=30)
    assert error.value.status is Status.TIMEOUT


def test_a_blocked_job_expires_with_what_it_waited_for(alarms: AlarmClock) -> None:
    reason = RefusedError(Status.NO_IMAGE, 'no image')
    job = Job(lambda *_: None, 0.01, blocked=lambda: reason)
    assert not job.is_ready()
    job.start_clock(alarms)
    with pytest.raises(RefusedError, match='no image') as error:
        job.future.result(timeout=30)
    assert error.value.status is Status.NO_IMAGE


def hold_up(*_: object) -> None:
    raise HeldUpError(RefusedError(Status.NO_IMAGE, 'the image is damaged'))


def test_a_job_that_is_held_up_has_no_outcome_yet(alarms: AlarmClock) -> None:
    job = Job(hold_up, LONG)
    job.start_clock(alarms)
    assert not job.execute(BACKEND)
    assert not job.is_over()
    job.give_up()
    with pytest.raises(RefusedError, match='the image is damaged'):
        job.future.result(timeout=0)


def test_a_job_that_was_held_up_expires_with_the_reason(alarms: AlarmClock) -> None:
    job = Job(hold_up, 0.01)
    job.execute(BACKEND)
    job.start_clock(alarms)
    with pytest.raises(RefusedError, match='the image is damaged') as error:
        job.future.result(timeout=30)
    assert error.value.status is Status.NO_IMAGE


def test_the_first_outcome_stays() -> None:
    job = Job(lambda *_: 'done', LONG)
    job.fail(ModelError('first'))
    job.execute(BACKEND)
    job.fail(ModelError('third'))
    with pytest.raises(ModelError, match='first'):
        job.future.result(timeout=0)


def test_before_its_deadline_a_job_is_not_overdue(alarms: AlarmClock) -> None:
    job = Job(lambda *_: None, LONG)
    assert job.seconds_overdue() == 0
    job.start_clock(alarms)
    assert job.seconds_overdue() == 0
    job.fail(ModelError('enough'))
