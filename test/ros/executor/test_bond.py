# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The bond with a life-cycle manager: with bondpy where it is installed, and with a stand-in."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import pytest
from rclpy.exceptions import ParameterAlreadyDeclaredException
from std_msgs.msg import String

from kosmos_ros.ros.executor import bond as bonding
from kosmos_ros.ros.executor.bond import Bonding


class Bond:
    """A stand-in for the class of bondpy 4.1: its signature, its topic and its way to end."""

    made: list[Bond]
    fails_in = ''

    def __init__(self, node, topic, bond_id, on_broken=None, on_formed=None):
        self.args = (topic, bond_id)
        self.calls: list[str] = []
        self.pub = node.create_publisher(String, topic, 1)
        self._node = node
        self.made.append(self)

    def set_heartbeat_period(self, per):
        self._note(f'period {per}')

    def set_heartbeat_timeout(self, dur):
        self._note(f'timeout {dur}')

    def start(self):
        self._note('start')
        self.sub = self._node.create_subscription(String, self.args[0], lambda _: None, 1)

    def break_bond(self):
        self._note('break')

    def shutdown(self):
        self._note('shutdown')
        self.sub.destroy()
        self.pub.destroy()

    def fall_silent(self) -> None:
        """Do what bondpy does before 4.4 when it hears no more of the manager."""
        self._node.declare_parameter('/bond_disable_heartbeat_timeout', False)

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call == self.fails_in:
            raise RuntimeError(f'no {call}')


class BondByKeyword(Bond):
    """Of a version that nobody knows."""

    def __init__(self, node, topic, *, bond_id):
        super().__init__(node, topic, bond_id)


def install(monkeypatch: pytest.MonkeyPatch, kind: type[Bond]) -> list[Bond]:
    """Install a stand-in for bondpy and return the bonds that are made."""
    module = ModuleType('bondpy.bondpy')
    module.Bond = kind
    kind.made = []
    monkeypatch.setitem(sys.modules, 'bondpy', ModuleType('bondpy'))
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', module)
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: object())
    return kind.made


@pytest.fixture
def bonds(monkeypatch: pytest.MonkeyPatch) -> list[Bond]:
    """Install the stand-in for bondpy and return the bonds that are made."""
    return install(monkeypatch, Bond)


def entities(node) -> tuple[int, int]:
    """Count what a node has and would leave behind."""
    return len(list(node.subscriptions)), len(list(node.publishers))


def test_the_stand_in_takes_what_bondpy_takes() -> None:
    real = pytest.importorskip('bondpy.bondpy', reason='bondpy is not installed here').Bond
    for name in ('__init__', 'set_heartbeat_period', 'set_heartbeat_timeout', 'start'):
        ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (Bond, real))
        assert str(ours) == str(theirs)


def test_bondpy_itself_forms_the_bond_and_breaks_it(rig) -> None:
    bondpy = pytest.importorskip('bondpy.bondpy', reason='bondpy is not installed here')
    node, manager = rig.node('grounding', namespace='kosmos'), rig.node('m', namespace='kosmos')
    before = entities(node)
    told: list[str] = []
    bond = Bonding(node)
    for _ in range(2):
        told.clear()
        bond.bind()
        sister = bondpy.Bond(
            manager,
            'bond',
            'grounding',
            on_broken=lambda: told.append('broken'),
            on_formed=lambda: told.append('formed'),
        )
        sister.start()
        rig.spin_until(lambda: told == ['formed'])
        bond.release()
        rig.spin_until(lambda: told == ['formed', 'broken'])
        rig.spin_until(lambda: entities(node) == before)
        sister.shutdown()
        manager.destroy_subscription(sister.sub)
        manager.destroy_publisher(sister.pub)


def test_a_bond_is_made_as_nav2_makes_it_and_broken(rig, bonds: list[Bond]) -> None:
    node = rig.node('grounding', namespace='kosmos')
    before = entities(node)
    bond = Bonding(node)
    bond.bind()
    (made,) = bonds
    assert made.args == ('bond', 'grounding')
    assert made.calls == ['period 0.1', 'timeout 4.0', 'start']
    assert bond.is_bound
    bond.release()
    bond.release()
    assert made.calls[3:] == ['break']
    assert not bond.is_bound
    rig.spin_until(lambda: made.calls[3:] == ['break', 'shutdown'])
    assert entities(node) == before


def test_bond_after_bond_may_lose_its_manager(rig, bonds: list[Bond]) -> None:
    node = rig.node('grounding')
    bond = Bonding(node)
    for count in (1, 2, 3):
        bond.bind()
        bonds[-1].fall_silent()
        with pytest.raises(ParameterAlreadyDeclaredException):
            bonds[-1].fall_silent()
        bond.release()
        rig.spin_until(lambda: bonds[-1].calls[-1] == 'shutdown')
        assert len(bonds) == count


@pytest.mark.parametrize('step', ['period 0.1', 'timeout 4.0', 'start'])
def test_a_bond_that_fails_half_way_is_told_and_leaves_nothing(
    rig, bonds: list[Bond], monkeypatch: pytest.MonkeyPatch, capfd, step: str
) -> None:
    monkeypatch.setattr(Bond, 'fails_in', step)
    node = rig.node('grounding')
    before = entities(node)
    bond = Bonding(node)
    bond.bind()
    assert not bond.is_bound
    rig.spin_until(lambda: bonds[0].calls[-1] == 'shutdown')
    assert entities(node) == before
    assert 'makes no bond' in (output := capfd.readouterr().err)
    assert f'RuntimeError: no {step}. Mend bondpy, or set the manager' in output


@pytest.mark.parametrize('step', ['break', 'shutdown'])
def test_a_bond_that_does_not_end_properly_is_told_and_leaves_nothing(
    rig, bonds: list[Bond], monkeypatch: pytest.MonkeyPatch, capfd, step: str
) -> None:
    monkeypatch.setattr(Bond, 'fails_in', step)
    node = rig.node('grounding')
    before = entities(node)
    bond = Bonding(node)
    bond.bind()
    bond.release()
    rig.spin_until(lambda: entities(node) == before)
    assert f'the bond does not end properly: RuntimeError: no {step}' in capfd.readouterr().err


def test_a_bondpy_of_another_signature_is_told(
    rig, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    install(monkeypatch, BondByKeyword)
    bond = Bonding(rig.node('grounding'))
    bond.bind()
    assert not bond.is_bound
    assert 'makes no bond' in (output := capfd.readouterr().err)
    assert 'TypeError: ' in output


def test_a_bondpy_that_does_not_import_is_told(
    rig, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    install(monkeypatch, Bond)
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', None)
    bond = Bonding(rig.node('grounding'))
    bond.bind()
    assert not bond.is_bound
    assert 'ModuleNotFoundError: import of bondpy.bondpy halted' in capfd.readouterr().err
    bond.release()


def test_without_bondpy_there_is_none(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: None)
    bond = Bonding(rig.node('grounding'))
    bond.bind()
    assert not bond.is_bound
    bond.release()
