# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What becomes of an error inside the node: a status for the caller, a log line, a count.

rclpy's executors raise out of ``spin()`` whatever a callback lets through, and that ends the
node. So every callback either goes through ``Failures.guard`` or asks ``Failures.explain``.
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
from kosmos_ros.core.types import Status

T = TypeVar('T')


class RefusedError(KosmosError):
    """The node does not answer; ``status`` says why."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


class HeldUpError(KosmosError):
    """
    What a job needs is not there after all, and worth waiting for.

    ``reason`` is what its caller hears if it does not come in time.
    """

    def __init__(self, reason: RefusedError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def status_of(error: BaseException) -> Status:
    """Return the status that tells a caller of an error."""
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, InvalidRequestError):
        return Status.INVALID_REQUEST
    if isinstance(error, GroundingStoppedError):
        return Status.CANCELLED
    return Status.MODEL_ERROR


class Failures:
    """Turns errors into statuses; keeps count, and logs those that nobody foresaw."""

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
            return status_of(error), str(error)
        self._record(error)
        return Status.MODEL_ERROR, f'internal error: {self.latest}'

    def counted(self, step: Callable[[], T]) -> T:
        """
        Take a step towards the answer of a question, which ends with it if it fails.

        :raises KosmosError: as the step does; it has been counted.
        """
        try:
            return step()
        except KosmosError as error:
            self.tally[status_of(error)] += 1
            raise

    def guard(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback that answers nobody, such as a subscription's or a timer's."""

        @functools.wraps(callback)
        def guarded(*args: Any) -> None:
            try:
                callback(*args)
            except Exception as error:  # noqa: BLE001  it is recorded, and the node stays up
                self._record(error)

        return guarded

    def _record(self, error: BaseException) -> None:
        self.unexpected += 1
        self.latest = f'{type(error).__name__}: {error}'
        trace = ''.join(traceback.format_exception(error))
        self._logger.error(f'unexpected {trace}', throttle_duration_sec=1.0)
