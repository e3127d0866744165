# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Transitions that succeed, fail, break and wait; how a real node fares is in test/nodes."""

from __future__ import annotations

from collections.abc import Iterator

from lifecycle_msgs.srv import ChangeState
import pytest
from rclpy.lifecycle import TransitionCallbackReturn

from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.ros.executor import lifecycle
from kosmos_ros.ros.executor.lifecycle import ACTIVE, INACTIVE, ManagedNode, UNCONFIGURED

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
ERROR = TransitionCallbackReturn.ERROR


class Machine(ManagedNode):
    """Writes down what it does, and raises what it is given."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.errors: dict[str, Exception] = {}
        super().__init__('machine')

    def configure(self) -> None:
        self._do('configure')

    def interrupt(self) -> None:
        self._do('interrupt')

    def activate(self) -> None:
        self._do('activate')

    def deactivate(self) -> None:
        self._do('deactivate')

    def clean_up(self) -> None:
        self._do('clean_up')

    def _do(self, what: str) -> None:
        self.done.append(what)
        if what in self.errors:
            raise self.errors[what]


@pytest.fixture
def machine(rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr('rclpy.node.get_default_context', lambda: rig.context)
    node = Machine()
    rig.executor.add_node(node)
    yield node
    node.end_transitions()
    node.destroy_node()


def test_the_way_up_and_down(machine: Machine) -> None:
    assert machine.state == UNCONFIGURED
    assert machine.trigger_configure() is SUCCESS
    assert machine.trigger_activate() is SUCCESS
    assert machine.state == ACTIVE
    assert machine.trigger_deactivate() is SUCCESS
    assert machine.trigger_cleanup() is SUCCESS
    assert machine.state == UNCONFIGURED
    assert machine.done == ['configure', 'activate', 'deactivate', 'clean_up']


def test_who_still_holds_a_destroyed_node_shows_it_to_nobody(
    rig, driver, machine: Machine
) -> None:
    def others() -> list[str]:
        return driver.get_node_names()

    rig.spin_until(lambda: 'machine' in others())
    machine.end_transitions()
    machine.destroy_node()
    rig.spin_until(lambda: 'machine' not in others())


def test_an_error_that_explains_itself_leaves_the_node_as_it_was(machine: Machine) -> None:
    machine.errors['configure'] = ModelLoadError('a.safetensors is truncated')
    assert machine.trigger_configure() is FAILURE
    assert (machine.state, machine.transition_problem) == (
        UNCONFIGURED,
        'a.safetensors is truncated',
    )
    assert machine.failures.unexpected == 0
    machine.errors.clear()
    assert machine.trigger_configure() is SUCCESS
    assert machine.transition_problem == ''


def test_any_other_error_leads_to_unconfigured_and_is_recorded(machine: Machine) -> None:
    machine.trigger_configure()
    machine.errors['activate'] = ZeroDivisionError('by zero')
    assert machine.trigger_activate() is ERROR
    assert machine.state == UNCONFIGURED
    assert machine.done[-1] == 'clean_up'
    assert 'ZeroDivisionError: by zero' in machine.transition_problem
    assert machine.failures.unexpected == 1


def test_if_cleaning_up_fails_too_it_is_over(machine: Machine) -> None:
    machine.trigger_configure()
    machine.errors['activate'] = machine.errors['clean_up'] = ZeroDivisionError('by zero')
    machine.trigger_activate()
    assert machine.state == lifecycle.FINALIZED


def test_it_starts_up_by_itself_as_far_as_it_gets(rig, machine: Machine) -> None:
    machine.errors['activate'] = ModelLoadError('not yet')
    machine.start_up()
    rig.spin_until(lambda: machine.transition_problem == 'not yet')
    rig.spin_until(lambda: machine.state == INACTIVE)
    del machine.errors['activate']
    machine.start_up()
    rig.spin_until(lambda: machine.state == ACTIVE)
    assert machine.done == ['configure', 'activate', 'activate']


def test_every_request_gets_a_response(rig, machine: Machine) -> None:
    client = rig.node('manager').create_client(ChangeState, '/machine/change_state')
    rig.spin_until(client.service_is_ready)

    def change(label: str = '', number: int = 0) -> bool:
        request = ChangeState.Request()
        request.transition.label, request.transition.id = label, number
        future = client.call_async(request)
        rig.spin_until(future.done)
        return future.result().success

    assert change('configure')
    assert not change('configure')
    assert not change('fly')
    assert not change(number=77)
    assert machine.state == INACTIVE
    machine.end_transitions()
    assert not change('activate')
    assert machine.state == INACTIVE
