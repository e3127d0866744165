# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Errors inside the node: a status for the caller, a log line, a count.

rclpy's executors raise a callback's exceptions out of ``spin()``, which ends the node. So every
callback either goes through ``Failures.guard`` or asks ``Failures.explain``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
import functools
import traceback
from typing import Any, TypeVar

from rclpy.impl.rcutils_logger import RcutilsLogger

from kosmos_ros.core.errors import (
    GroundingStoppedError,
    InvalidRequestError,
    KosmosError,
)
from kosmos_ros.core.texts import shortened
from kosmos_ros.core.types import Status

_MAX_TRACE = 20_000

T = TypeVar('T')


class RefusedError(KosmosError):
    """The node refuses to answer; ``status`` says why."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


class HeldUpError(KosmosError):
    """
    What a job needs is not there after all, but worth waiting for.

    ``reason`` is the caller's answer if it does not come in time.
    """

    def __init__(self, reason: RefusedError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def status_of(error: BaseException) -> Status:
    """Return the status of an error."""
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, InvalidRequestError):
        return Status.INVALID_REQUEST
    if isinstance(error, GroundingStoppedError):
        return Status.CANCELLED
    return Status.MODEL_ERROR


class Failures:
    """Turns errors into statuses, counts them, and logs those that were not foreseen."""

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger
        self.unexpected = 0
        """How many errors so far were no ``KosmosError``."""
        self.latest = ''
        """The newest of them."""
        self.tally: Counter[Status] = Counter()
        """How many questions ended how."""

    def explain(self, error: BaseException) -> tuple[Status, str]:
        """Return status and message for the caller."""
        if isinstance(error, KosmosError):
            return status_of(error), shortened(str(error))
        self._record(error)
        return Status.MODEL_ERROR, f'internal error: {self.latest}'

    def counted(self, step: Callable[[], T]) -> T:
        """
        Run a step of answering a question, which ends the question if it fails.

        :raises KosmosError: the step's own, which is counted.
        """
        try:
            return step()
        except KosmosError as error:
            self.tally[status_of(error)] += 1
            raise

    def guard(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback without a caller, such as a subscription's or a timer's."""

        @functools.wraps(callback)
        def guarded(*args: Any) -> None:
            try:
                callback(*args)
            except Exception as error:  # noqa: BLE001  it is recorded, and the node stays up
                self._record(error)

        return guarded

    def _record(self, error: BaseException) -> None:
        self.unexpected += 1
        self.latest = shortened(f'{type(error).__name__}: {error}')
        trace = shortened(''.join(traceback.format_exception(error)), _MAX_TRACE)
        self._logger.error(f'unexpected {trace}', throttle_duration_sec=1.0)
