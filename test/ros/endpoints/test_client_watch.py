# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Work ends when nobody is left to hear of it."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.ros.endpoints.client_watch import ClientWatch
from kosmos_ros.ros.executor.failures import RefusedError


class Clients:
    """A watch over as many clients as the test says."""

    def __init__(self) -> None:
        self.count = 1
        self.client_watch = ClientWatch(lambda: self.count)

    def outcome(self) -> Future:
        outcome: Future = Future()
        self.client_watch.awaits(outcome)
        return outcome


def test_the_last_client_that_leaves_ends_the_work() -> None:
    clients = Clients()
    outcomes = [clients.outcome(), clients.outcome()]
    clients.client_watch.look()
    clients.count = 0
    clients.client_watch.look()
    assert not any(outcome.done() for outcome in outcomes)
    clients.client_watch.look()
    for outcome in outcomes:
        with pytest.raises(RefusedError, match='all clients are gone') as error:
            outcome.result(0)
        assert error.value.status is Status.CANCELLED


def test_a_client_that_is_discovered_late_is_no_loss() -> None:
    clients = Clients()
    clients.count = 0
    outcome = clients.outcome()
    clients.client_watch.look()
    clients.count = 1
    clients.client_watch.look()
    clients.count = 0
    clients.client_watch.look()
    assert not outcome.done()


def test_what_is_answered_is_forgotten() -> None:
    clients = Clients()
    outcome = clients.outcome()
    outcome.set_result(None)
    clients.count = 0
    clients.client_watch.look()
    clients.client_watch.look()
    late = clients.outcome()
    clients.client_watch.look()
    assert not late.done()
