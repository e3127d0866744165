# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A job for the model: it has one outcome and a deadline.

The deadline is kept even while the model hangs, by an alarm clock with a thread of its own. The
first of model and alarm decides the outcome; the stop check stops the model if it lost.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
import logging
import time
from typing import Generic, TypeVar

from kosmos_ros.core.errors import KosmosError, ModelError
from kosmos_ros.core.model.backend import Backend, StopCheck
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import HeldUpError, RefusedError
from kosmos_ros.ros.worker.deadlines import AlarmClock

T = TypeVar('T')

_logger = logging.getLogger(__name__)


def _busy() -> str:
    return 'the model was busy with others'


def _nothing() -> KosmosError | None:
    return None


class Job(Generic[T]):
    """
    Something for the model to do.

    :param run: called in the worker's thread with the backend and a stop check; a ``HeldUpError``
        from it lets the job wait again.
    :param timeout: seconds from submission to the end.
    :param blocked: why the job cannot start yet, None when it can; also the caller's answer if it
        still cannot at the deadline.
    :param nbytes: how much it holds until it is over.
    """

    def __init__(
        self,
        run: Callable[[Backend, StopCheck], T],
        timeout: float,
        blocked: Callable[[], KosmosError | None] = _nothing,
        nbytes: int = 0,
    ) -> None:
        self.nbytes = nbytes
        self.is_early = False
        """Whether it could not start when it was queued."""
        self.future: Future[T] = Future()
        """The outcome."""
        self.waits_for = _busy
        """Asked at the deadline of a job that never began why not."""
        self._run = run
        self._timeout = timeout
        self._blocked = blocked
        self._follow_up: Callable[[T], None] | None = None
        self._started = False
        self._held_up_by: KosmosError | None = None
        self.deadline = float('inf')
        """When its time is over, in seconds of ``time.monotonic``; never before it was queued."""

    def then(self, follow_up: Callable[[T], None]) -> None:
        """Have the worker's thread call this with the result, once waiting callers have it."""
        self._follow_up = follow_up

    def start_clock(self, alarms: AlarmClock) -> None:
        """Start the time until the deadline."""
        self.deadline = time.monotonic() + self._timeout
        cancel = alarms.set(self._timeout, self._expire)
        self.future.add_done_callback(lambda _: cancel())

    def is_ready(self) -> bool:
        """Tell whether the job can start."""
        return self._blocked() is None

    def is_over(self) -> bool:
        """Tell whether the outcome is decided."""
        return self.future.done()

    def seconds_overdue(self) -> float:
        """Return how long ago the deadline was, 0 before it."""
        return max(0.0, time.monotonic() - self.deadline)

    def execute(self, backend: Backend) -> bool:
        """
        Run in the calling thread; the result, or the error, goes to ``future``.

        :returns: whether it is over; if not, the job is held up and has to wait again.
        :raises BaseException: what is no ``Exception``, such as a panic of another language; the
            waiting get a ``ModelError``.
        """
        self._started = True
        try:
            result = self._run(backend, self.is_over)
        except HeldUpError as error:
            self._held_up_by = error.reason
            self._started = False
            return False
        except Exception as error:  # noqa: BLE001  whoever waits for the future gets it
            self.fail(error)
            return True
        except BaseException as error:
            self.fail(ModelError(f'{type(error).__name__}: {error}'))
            raise
        if _decide(lambda: self.future.set_result(result)) and self._follow_up:
            self._follow_up(result)
        return True

    def give_up(self) -> None:
        """End a held-up job that cannot wait, with the reason."""
        if self._held_up_by is not None:
            self.fail(self._held_up_by)

    def fail(self, error: Exception) -> None:
        """End with an error, unless the outcome is decided."""
        settle(self.future, error)

    def _expire(self) -> None:
        waiting_for = None if self._started else self._blocked() or self._held_up_by
        if waiting_for is not None:
            self.fail(waiting_for)
            return
        where = 'the model is still at it' if self._started else self.waits_for()
        self.fail(RefusedError(Status.TIMEOUT, f'no answer within {self._timeout:g} s: {where}'))


def settle(outcome: Future[T], error: Exception) -> None:
    """
    End with an error, unless the outcome is decided.

    The model stops at its next token, and a job that waits is not begun.
    """
    _decide(lambda: outcome.set_exception(error))


def _decide(decide: Callable[[], None]) -> bool:
    try:
        decide()
    except InvalidStateError:
        _logger.debug('the outcome was decided before')
        return False
    return True
