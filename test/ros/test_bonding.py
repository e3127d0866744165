# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The bond with a life-cycle manager, with a stand-in for bondpy."""

from __future__ import annotations

import sys
from types import ModuleType
from unittest.mock import MagicMock

import pytest

from kosmos_ros.ros import bonding
from kosmos_ros.ros.bonding import Bonding


@pytest.fixture
def bond_class(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Install a stand-in for bondpy and return its class."""
    module = ModuleType('bondpy.bondpy')
    module.Bond = MagicMock()
    monkeypatch.setitem(sys.modules, 'bondpy', ModuleType('bondpy'))
    monkeypatch.setitem(sys.modules, 'bondpy.bondpy', module)
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: object())
    return module.Bond


def test_a_bond_is_made_as_nav2_makes_it_and_broken(rig, bond_class: MagicMock) -> None:
    node = rig.node('grounding', namespace='kosmos')
    bond = Bonding(node)
    bond.bind()
    bond_class.assert_called_once_with(node, 'bond', 'grounding')
    made = bond_class.return_value
    assert [call[0] for call in made.method_calls] == [
        'set_heartbeat_period',
        'set_heartbeat_timeout',
        'start',
    ]
    assert bond.is_bound
    bond.release()
    bond.release()
    assert [call[0] for call in made.method_calls[3:]] == ['break_bond', 'shutdown']
    assert not bond.is_bound


def test_without_bondpy_there_is_none(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bonding.importlib.util, 'find_spec', lambda _: None)
    bond = Bonding(rig.node('grounding'))
    bond.bind()
    assert not bond.is_bound
    bond.release()
