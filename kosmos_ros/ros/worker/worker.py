# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The one thread that owns the model.

It loads the model, then does one job after the other. Jobs wait in a bounded queue; one that is
not ready yet (its image has to come first, or a better one) is skipped. When no job is ready, the
thread asks its ``IdleWork`` for one, so that idle work never delays a caller by more than the job
in progress.

Jobs are taken between ``resume`` and ``pause`` only; the model stays loaded meanwhile. A model
that came to an end, by itself or because it hung, is loaded anew; jobs that wait go on waiting.
"""

from __future__ import annotations

from concurrent.futures import Future
from enum import Enum
import logging
import threading
import time
from typing import Any, TypeVar

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.calibration import how_to_calibrate
from kosmos_ros.core.model.model_facts import facts_of, ModelFacts
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.executor.waiting import capped
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.model_source import ModelSource
from kosmos_ros.ros.worker.queue import IdleWork, JobQueue, replace, Workload
from kosmos_ros.ros.worker.retries import Retries

T = TypeVar('T')

END_SECONDS = 0.5
"""A thread whose model was ended comes back within less."""

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

    :param source: of the model.
    :param queue: where jobs wait; the worker's alone from now on, but for its limits.
    """

    def __init__(self, source: ModelSource, queue: JobQueue) -> None:
        self.state = WorkerState.LOADING
        self.problem = ''
        """Why the state is FAILED, or why the model was loaded anew the last time."""
        self.facts = ModelFacts()
        """What is known of the model."""
        self._source = source
        self._workload = Workload(queue)
        self._retries = Retries()
        self._is_new = True
        self._told_raw = False
        self._gave_up_loading = False
        self._is_active = False
        self._started = time.monotonic()
        self._condition = threading.Condition()
        self._thread = threading.Thread(target=self._run, name='model', daemon=True)

    @property
    def restarts(self) -> int:
        """How often the model was loaded anew."""
        return self._retries.count

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
            job.waits_for = self._waits_for
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

    def watch(self, patience: float) -> None:
        """
        Look after the model; to be called every second or so.

        :param patience: seconds after which a model that has not come back since a deadline, or
            makes no progress with loading, is ended and loaded anew; 0: never.
        """
        state, reason = self.state, ''
        if state is WorkerState.READY and (seconds := self.seconds_overdue()) > patience:
            reason = f'it hung, {seconds:.0f} s over a deadline'
        elif state is WorkerState.LOADING and (seconds := self._source.seconds_idle()) > patience:
            reason = f'loading has made no progress for {seconds:.0f} s'
            self._gave_up_loading = patience > 0.0
        if reason and patience:
            self._source.end(reason)
        # It may have ended while there was nothing to do.
        self.notify()

    def model_bytes(self) -> int:
        """Return the memory that the model takes beside this process."""
        return self._source.resident_bytes()

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
            if self.state is WorkerState.LOADING:
                timeout = 0.0  # there is nobody to wait for it
            self.state = WorkerState.CLOSED
            jobs = self._workload.take_all()
            self._condition.notify_all()
        for job in jobs:
            job.fail(_shutting_down())
        self._workload.end_deadlines()
        self._join(timeout)
        self._source.close()
        self._join(END_SECONDS)
        return not self._thread.is_alive()

    def require_ready(self) -> None:
        """
        Require that jobs are taken at all.

        :raises RefusedError: NOT_READY, MODEL_ERROR or CANCELLED otherwise.
        """
        if self.state is WorkerState.LOADING:
            why = f' ({self.problem})' if self.problem else ''
            raise RefusedError(
                Status.NOT_READY,
                f'the model has been loading for {self.seconds_loading():.0f} s{why}; try later',
            )
        if self.state is WorkerState.FAILED:
            raise RefusedError(Status.MODEL_ERROR, f'there is no model: {self.problem}')
        if self.state is WorkerState.CLOSED:
            raise _shutting_down()
        if not self._is_active:
            raise RefusedError(Status.NOT_READY, 'the model is loaded, the node is not active')

    def _waits_for(self) -> str:
        """Return why jobs that could start do not."""
        is_loading = self.state is WorkerState.LOADING
        return 'the model is being loaded anew' if is_loading else 'the model was busy with others'

    def _join(self, timeout: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while (backend := self._load_backend()) is not None:
                while (job := self._next_job()) is not None:
                    if not job.execute(backend) and not self._put_back():
                        job.give_up()
        except BaseException as error:  # panics of other languages are no Exception
            # Expected ones explain themselves; of the others the trace is needed.
            _logger.error('%s', error, exc_info=not isinstance(error, KosmosError))  # noqa: TRY400
            self._fail(f'{type(error).__name__}: {error}')

    def _put_back(self) -> bool:
        """Let the job in progress wait again, if jobs are still taken."""
        with self._condition:
            if not self._is_active or self.state is WorkerState.CLOSED:
                return False
            return self._workload.put_back()

    def _load_backend(self) -> Backend | None:
        """Load the model, again and again if it ends meanwhile; None when the worker is closed."""
        problem = self._source.problem()
        while self._wait_to_load(problem):
            _logger.info('loading the model')
            try:
                backend = self._source.load()
            except Exception as error:
                is_closed = self.state is WorkerState.CLOSED
                if not (is_closed or self._retries.allow(error, hung=self._gave_up_loading)):
                    raise
                problem = str(error)
            else:
                self._note_loaded(backend)
                return backend
        return None

    def _wait_to_load(self, problem: str) -> bool:
        """Wait until the model is to be loaded, the first time or anew; return whether it is."""
        with self._condition:
            if self._is_new or self.state is WorkerState.CLOSED:
                self._is_new = False
                return self.state is not WorkerState.CLOSED
            pause = self._retries.next_pause()
            self.state, self.problem = WorkerState.LOADING, problem
            self._started = time.monotonic()
            self._workload.current = None
            self._condition.notify_all()
            _logger.error('%s; the model is loaded anew in %.0f s', problem, pause)
            return not self._condition.wait_for(lambda: self.state is WorkerState.CLOSED, pause)

    def _note_loaded(self, backend: Backend) -> None:
        facts = facts_of(backend, self.seconds_loading())
        with self._condition:
            if self.state is WorkerState.LOADING:
                self.facts = facts
                self.state = WorkerState.READY
                self._retries.note_loaded()
            self._condition.notify_all()
        _logger.info('model %s is ready after %.1f s', facts.name, facts.load_seconds)
        if not (backend.calibration.fitted or self._told_raw):
            self._told_raw = True
            _logger.warning(
                'the scores of model %s are not calibrated: they are its own numbers, and what it '
                'gives an existence below raw_existence_threshold is NOT_FOUND; to calibrate them '
                'on labelled images of yours: %s',
                facts.name,
                how_to_calibrate(facts.name),
            )

    def _fail(self, problem: str) -> None:
        with self._condition:
            self.problem = problem
            if self.state is not WorkerState.CLOSED:
                self.state = WorkerState.FAILED
            self._workload.current = None
            jobs = self._workload.take_waiting()
            self._condition.notify_all()
        for job in jobs:
            job.fail(RefusedError(Status.MODEL_ERROR, f'there is no model: {problem}'))

    def _next_job(self) -> Job[Any] | None:
        """Wait for a job; None when the worker is closed or the model came to an end."""
        with self._condition:
            self._workload.current = None
            self._condition.notify_all()
            while self.state is WorkerState.READY and not self._source.problem():
                if not self._is_active:
                    self._condition.wait()
                    continue
                if (job := self._workload.begin_next()) is not None:
                    return job
                self._condition.wait(capped(self._workload.seconds_until_due()))
        return None


def _shutting_down() -> RefusedError:
    return RefusedError(Status.CANCELLED, 'the node is shutting down')
