# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The one thread that owns the model.

It loads the model, then does one job after the other. Jobs wait in a bounded queue; one that is
not ready yet (its image has to come first, or a better one) is skipped. When no job is ready, the
thread asks its ``IdleWork`` for one, so that idle work never delays a caller by more than the job
in progress.

Jobs are taken between ``resume`` and ``pause`` only; the model stays loaded meanwhile. A thread
that hangs in the model is given up, and a new one loads the model anew.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
import logging
import threading
import time
from typing import Any, TypeVar

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.executor.waiting import capped
from kosmos_ros.ros.worker.abandoned_threads import AbandonedThreads
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.model_facts import facts_of, ModelFacts
from kosmos_ros.ros.worker.queue import IdleWork, JobQueue, replace, Workload

T = TypeVar('T')

_logger = logging.getLogger(__name__)


class WorkerState(Enum):
    """State of the model."""

    LOADING = 'loading'
    READY = 'ready'
    FAILED = 'failed'
    CLOSED = 'closed'


class Worker:
    """
    Runs jobs on a model in a thread of its own.

    :param load: makes the backend; called in the thread.
    :param queue: where jobs wait; the worker's alone from now on, but for its limits.
    :param abandoned: the threads that the process has given up so far.
    """

    def __init__(
        self,
        load: Callable[[], Backend],
        queue: JobQueue,
        abandoned: AbandonedThreads | None = None,
    ) -> None:
        self.state = WorkerState.LOADING
        self.problem = ''
        """Why the state is FAILED."""
        self.facts = ModelFacts()
        """What is known of the model."""
        self._load = load
        self._abandoned = abandoned or AbandonedThreads()
        self._workload = Workload(queue)
        self._is_active = False
        self._was_given_up = False
        self._started = time.monotonic()
        self._condition = threading.Condition()
        self._thread = self._new_thread()

    def start(self, idle_work: IdleWork | None = None) -> None:
        """
        Start loading the model; does nothing after ``close``.

        :param idle_work: asked when no job is ready.
        """
        with self._condition:
            if self.state is WorkerState.CLOSED:
                return
            if idle_work is not None:
                self._workload.idle_work = idle_work
            self._started = time.monotonic()
            self._thread.start()

    def wait_loaded(self) -> WorkerState:
        """Wait until the model is loaded or has failed to; return the state."""
        with self._condition:
            self._condition.wait_for(lambda: self.state is not WorkerState.LOADING)
            return self.state

    def resume(self) -> None:
        """Take jobs from now on."""
        with self._condition:
            self._is_active = True
            self._condition.notify_all()

    def pause(self, timeout: float) -> bool:
        """
        Cancel all jobs and take no further ones.

        :param timeout: seconds to wait for the model to stop, which it does between two tokens.
        :returns: whether it did; if not, the job's result will be dropped when it comes.
        """
        with self._condition:
            self._is_active = False
            jobs = self._workload.take_all()
        for job in jobs:
            job.fail(RefusedError(Status.CANCELLED, 'the node is being deactivated'))
        with self._condition:
            return self._condition.wait_for(lambda: self._workload.current is None, timeout)

    def submit(self, job: Job[T]) -> Future[T]:
        """
        Queue a job.

        :raises RefusedError: NOT_READY, MODEL_ERROR, CANCELLED or BUSY; at once.
        """
        with self._condition:
            self.require_ready()
            replaced = self._workload.put(job)
            self._condition.notify_all()
        for one in replaced:
            replace(one)
        return job.future

    def notify(self) -> None:
        """Look again which jobs are ready and whether there is idle work."""
        with self._condition:
            self._condition.notify_all()

    def waiting(self) -> int:
        """Return how many jobs wait."""
        with self._condition:
            return len(self._workload)

    def seconds_overdue(self) -> float:
        """Return how long ago the deadline of the job in progress was; 0 before it."""
        with self._condition:
            return self._workload.seconds_overdue()

    def replace_hung(self, seconds: float) -> bool:
        """
        Give the thread up if its job is overdue by more than this, and load the model again.

        Waiting jobs go on waiting. What the thread returns in the end is dropped.

        :returns: whether it was given up; never while one given up before is alive.
        """
        with self._condition:
            overdue = self.seconds_overdue()
            is_hung = self.state is WorkerState.READY and overdue > seconds
            if not is_hung or self._abandoned.alive():
                return False
            self._abandoned.add(self._thread)
            self._workload.current = None
            self.state = WorkerState.LOADING
            self._started = time.monotonic()
            self._thread = self._new_thread()
            self._thread.start()
        _logger.error(
            'the model hangs, %.0f s over a deadline: its thread is given up, and the model is '
            'loaded anew',
            overdue,
        )
        return True

    def seconds_loading(self) -> float:
        """Return how long ago loading began."""
        return time.monotonic() - self._started

    def close(self, timeout: float) -> bool:
        """
        Cancel all jobs and end the thread.

        :param timeout: seconds to wait for the model to stop, which it does between two tokens.
        :returns: whether it did.
        """
        with self._condition:
            self.state = WorkerState.CLOSED
            jobs = self._workload.take_all()
            self._condition.notify_all()
        for job in jobs:
            job.fail(_shutting_down())
        self._workload.end_deadlines()
        thread = self._thread
        if thread.is_alive():
            thread.join(timeout)
        if thread.is_alive() and not self._was_given_up:
            self._was_given_up = True
            self._abandoned.add(thread)
        return not thread.is_alive()

    def require_ready(self) -> None:
        """
        Require that jobs are taken at all.

        :raises RefusedError: NOT_READY, MODEL_ERROR or CANCELLED otherwise.
        """
        if self.state is WorkerState.LOADING:
            seconds = self.seconds_loading()
            raise RefusedError(
                Status.NOT_READY, f'the model has been loading for {seconds:.0f} s; try later'
            )
        if self.state is WorkerState.FAILED:
            raise RefusedError(Status.MODEL_ERROR, f'there is no model: {self.problem}')
        if self.state is WorkerState.CLOSED:
            raise _shutting_down()
        if not self._is_active:
            raise RefusedError(Status.NOT_READY, 'the model is loaded, the node is not active')

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name='model', daemon=True)

    def _is_given_up(self) -> bool:
        """Tell whether another thread has taken the place of the calling one."""
        return threading.current_thread() is not self._thread

    def _run(self) -> None:
        try:
            backend = self._load_backend()
            while (job := self._next_job()) is not None:
                if not job.execute(backend) and not self._put_back():
                    job.give_up()
        except Exception as error:
            # Expected ones explain themselves; of the others the trace is needed.
            _logger.error('%s', error, exc_info=not isinstance(error, KosmosError))  # noqa: TRY400
            self._fail(f'{type(error).__name__}: {error}')

    def _put_back(self) -> bool:
        """Let the job in progress wait again, if jobs are still taken."""
        with self._condition:
            if self._is_given_up() or not self._is_active or self.state is WorkerState.CLOSED:
                return False
            return self._workload.put_back()

    def _load_backend(self) -> Backend:
        _logger.info('loading the model')
        backend = self._load()
        facts = facts_of(backend, self.seconds_loading())
        with self._condition:
            if self.state is WorkerState.LOADING:
                self.facts = facts
                self.state = WorkerState.READY
            self._condition.notify_all()
        _logger.info('model %s is ready after %.1f s', facts.name, facts.load_seconds)
        return backend

    def _fail(self, problem: str) -> None:
        with self._condition:
            if self._is_given_up():
                return
            self.problem = problem
            if self.state is not WorkerState.CLOSED:
                self.state = WorkerState.FAILED
            self._workload.current = None
            jobs = self._workload.take_waiting()
            self._condition.notify_all()
        for job in jobs:
            job.fail(RefusedError(Status.MODEL_ERROR, f'there is no model: {problem}'))

    def _next_job(self) -> Job[Any] | None:
        """Wait for a job; None when the worker is closed or has given the thread up."""
        with self._condition:
            if self._is_given_up():
                _logger.warning('a model that was given up came back; its result is dropped')
                return None
            self._workload.current = None
            self._condition.notify_all()
            while self.state is not WorkerState.CLOSED:
                if not self._is_active:
                    self._condition.wait()
                    continue
                if (job := self._workload.begin_next()) is not None:
                    return job
                self._condition.wait(capped(self._workload.seconds_until_due()))
        return None


def _shutting_down() -> RefusedError:
    return RefusedError(Status.CANCELLED, 'the node is shutting down')
