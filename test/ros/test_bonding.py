# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The bond with a life-cycle manager, with a stand-in for bondpy."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from std_msgs.msg import String

from kosmos_ros.ros import bonding
from kosmos_ros.ros.bonding import Bonding


class Bond:
    """A stand-in for bondpy's class: with its signature, topic, and way to end."""

    made: list[Bond]

    def __init__(self, node, topic: str, id: str, on_broken=None, on_formed=None) -> None:  # noqa: A002
        self.args = (topic, id)
        self.calls: list[str] = []
        self.pub = node.create_publisher(String, topic, 1)
        self._node = node
        self.made.append(self)

    def set_heartbeat_period(self, seconds: float) -> None:
        self.calls.append(f'period {seconds}')

    def set_heartbeat_timeout(self, seconds: float) -> None:
        self.calls.append(f'timeout {seconds}')

    def start(self) -> None:
        self.calls.append('start')
        self.sub = self._node.create_subscription(String, 'bond', lambda _: None, 1)

    def break_bond(self) -> None:
        self.calls.append('break')

    def shutdown(self) -> None:
        self.calls.append('shutdown')
        self.sub.destroy()
        self.pub.destroy()


class OlderBond(Bond):
    """As it was: the node came last."""

    def __init__(self, topic: str, id: str, node, on_broken=None, on_formed=None) -> None:  # noqa: A002
        super().__init__(node, topic, id)


@pytest.fixture(params=[Bond, OlderBond])
def bonds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[Bond]:
    """Install a stand-in for bondpy and return the bonds that are made."""
    module = ModuleType('bondpy.bondpy')
    module.Bond = request.param
    module.Bond.made = []
    monkeypatch.setitem(sys.modules, 'bondpy', ModuleType('bondpy'))
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', module)
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: object())
    return module.Bond.made


def test_a_bond_is_made_as_nav2_makes_it_and_broken(rig, bonds: list[Bond]) -> None:
    node = rig.node('grounding', namespace='kosmos')
    before = len(list(node.subscriptions)), len(list(node.publishers))
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
    assert (len(list(node.subscriptions)), len(list(node.publishers))) == before


def test_without_bondpy_there_is_none(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: None)
    bond = Bonding(rig.node('grounding'))
    bond.bind()
    assert not bond.is_bound
    bond.release()
