# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Work ends when nobody is left to hear of it."""

from __future__ import annotations

from concurrent.futures import Future

from kosmos_ros_msgs.srv import Ground
import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.ros.endpoints.client_watch import clients_of, ClientWatch
from kosmos_ros.ros.executor.failures import RefusedError


class Clients:
    """A watch over the clients that the test names."""

    def __init__(self) -> None:
        self.names = 'a'
        self.client_watch = ClientWatch(lambda: self.names)

    def outcome(self) -> Future:
        outcome: Future = Future()
        self.client_watch.awaits(outcome)
        return outcome


def test_the_last_client_that_leaves_ends_the_work() -> None:
    clients = Clients()
    outcomes = [clients.outcome(), clients.outcome()]
    clients.client_watch.look()
    clients.names = ''
    clients.client_watch.look()
    assert not any(outcome.done() for outcome in outcomes)
    clients.client_watch.look()
    for outcome in outcomes:
        with pytest.raises(RefusedError, match='whoever asked is gone') as error:
            outcome.result(0)
        assert error.value.status is Status.CANCELLED


def test_a_client_that_is_discovered_late_is_no_loss() -> None:
    clients = Clients()
    clients.names = ''
    outcome = clients.outcome()
    clients.client_watch.look()
    clients.names = 'a'
    clients.client_watch.look()
    clients.names = ''
    clients.client_watch.look()
    assert not outcome.done()


def test_who_comes_later_did_not_ask() -> None:
    clients = Clients()
    outcome = clients.outcome()
    for names in ('a', 'a', 'ab', 'b'):
        clients.names = names
        clients.client_watch.look()
    later = clients.outcome()
    assert not outcome.done()
    clients.client_watch.look()
    with pytest.raises(RefusedError, match='whoever asked is gone'):
        outcome.result(0)
    assert not later.done()


def test_dds_knows_each_client_of_a_service(rig, driver) -> None:
    server = rig.node('grounding')
    server.create_service(Ground, '~/ground', lambda _, response: response)
    before = rig.node('first').create_client(Ground, '/grounding/ground')
    rig.spin_until(lambda: len(clients_of(server, '/grounding/ground')) == 1)
    (first,) = clients_of(server, '/grounding/ground')
    driver.create_client(Ground, '/grounding/ground')
    rig.spin_until(lambda: len(clients_of(server, '/grounding/ground')) == 2)
    before.destroy()
    rig.spin_until(lambda: len(clients_of(server, '/grounding/ground')) == 1)
    assert first not in clients_of(server, '/grounding/ground')


def test_what_is_answered_is_forgotten() -> None:
    clients = Clients()
    outcome = clients.outcome()
    outcome.set_result(None)
    clients.names = ''
    clients.client_watch.look()
    clients.client_watch.look()
    late = clients.outcome()
    clients.client_watch.look()
    assert not late.done()
