# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Errors become statuses, and none leaves a callback."""

from __future__ import annotations

import pytest
from rclpy.logging import get_logger

from kosmos_ros.core.errors import (
    GroundingStoppedError,
    InvalidImageError,
    InvalidRegionError,
    InvalidRequestError,
    MissingDependencyError,
    ModelError,
    ModelLoadError,
)
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import Failures, RefusedError


@pytest.fixture
def failures() -> Failures:
    return Failures(get_logger('test'))


@pytest.mark.parametrize(
    ('error', 'status'),
    [
        (RefusedError(Status.BUSY, 'x'), Status.BUSY),
        (InvalidRequestError('x'), Status.INVALID_REQUEST),
        (InvalidImageError('x'), Status.INVALID_REQUEST),
        (InvalidRegionError('x'), Status.INVALID_REQUEST),
        (GroundingStoppedError('x'), Status.CANCELLED),
        (ModelError('x'), Status.MODEL_ERROR),
        (ModelLoadError('x'), Status.MODEL_ERROR),
        (MissingDependencyError('x'), Status.MODEL_ERROR),
    ],
)
def test_errors_of_the_package_become_statuses(
    failures: Failures, error: Exception, status: Status
) -> None:
    assert failures.explain(error) == (status, 'x')
    assert failures.unexpected == 0


def test_any_other_error_is_counted_and_told(failures: Failures) -> None:
    status, message = failures.explain(ZeroDivisionError('by nothing'))
    assert status is Status.MODEL_ERROR
    assert message == 'internal error: ZeroDivisionError: by nothing'
    assert (failures.unexpected, failures.latest) == (1, 'ZeroDivisionError: by nothing')


def test_a_guarded_callback_raises_nothing(failures: Failures) -> None:
    called_with = []

    def callback(message: str) -> None:
        called_with.append(message)
        raise KeyError(message)

    guarded = failures.guard(callback)
    guarded('one')
    guarded('two')
    assert called_with == ['one', 'two']
    assert failures.unexpected == 2
    assert guarded.__name__ == 'callback'
