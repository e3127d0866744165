# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The bond by which Nav2's life-cycle manager notices that an active node has died.

It takes the package bondpy. Without it there is no bond, the manager has to be told not to expect
one (``bond_timeout: 0.0``), and ``/diagnostics`` is the heartbeat.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from rclpy.node import Node

from kosmos_ros.ros.between_callbacks import between_callbacks

TOPIC = 'bond'
"""As in nav2_util's LifecycleNode, and so are the numbers below."""

_HEARTBEAT_PERIOD = 0.1
_HEARTBEAT_TIMEOUT = 4.0


class Bonding:
    """
    Makes and breaks the bond of a node.

    :param node: whose name is the bond's id.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._bond: Any = None

    @property
    def is_bound(self) -> bool:
        """Whether there is a bond; it is the manager's turn to answer it."""
        return self._bond is not None

    def bind(self) -> None:
        """Make the bond, if bondpy is installed."""
        if importlib.util.find_spec('bondpy') is None:
            self._node.get_logger().debug('bondpy is not installed: no bond with a manager')
            return
        bondpy = importlib.import_module('bondpy.bondpy')
        # By name: the node comes last in some versions and first in others.
        bond = bondpy.Bond(node=self._node, topic=TOPIC, id=self._node.get_name())
        bond.set_heartbeat_period(_HEARTBEAT_PERIOD)
        bond.set_heartbeat_timeout(_HEARTBEAT_TIMEOUT)
        bond.start()
        self._bond = bond

    def release(self) -> None:
        """Break the bond, so that the manager takes the end for what it is."""
        bond, self._bond = self._bond, None
        if bond is not None:
            bond.break_bond()
            between_callbacks(self._node, self._end, bond)

    def _end(self, bond: Any) -> None:
        bond.shutdown()
        # bondpy destroys them behind the back of the node, which would keep them for ever.
        self._node.destroy_subscription(bond.sub)
        self._node.destroy_publisher(bond.pub)
