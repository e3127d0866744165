# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Work ends when nobody is left to hear of it."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.ros.endpoints.client_watch import Audience
from kosmos_ros.ros.executor.failures import RefusedError


class Hall:
    """An audience of as many clients as the test says."""

    def __init__(self) -> None:
        self.clients = 1
        self.audience = Audience(lambda: self.clients)

    def outcome(self) -> Future:
        outcome: Future = Future()
        self.audience.awaits(outcome)
        return outcome


def test_the_last_client_that_leaves_ends_the_work() -> None:
    hall = Hall()
    outcomes = [hall.outcome(), hall.outcome()]
    hall.audience.look()
    hall.clients = 0
    hall.audience.look()
    assert not any(outcome.done() for outcome in outcomes)
    hall.audience.look()
    for outcome in outcomes:
        with pytest.raises(RefusedError, match='all clients are gone') as error:
            outcome.result(0)
        assert error.value.status is Status.CANCELLED


def test_a_client_that_is_discovered_late_is_no_loss() -> None:
    hall = Hall()
    hall.clients = 0
    outcome = hall.outcome()
    hall.audience.look()
    hall.clients = 1
    hall.audience.look()
    hall.clients = 0
    hall.audience.look()
    assert not outcome.done()


def test_what_is_answered_is_forgotten() -> None:
    hall = Hall()
    outcome = hall.outcome()
    outcome.set_result(None)
    hall.clients = 0
    hall.audience.look()
    hall.audience.look()
    late = hall.outcome()
    hall.audience.look()
    assert not late.done()
