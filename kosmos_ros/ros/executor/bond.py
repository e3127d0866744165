# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The bond by which Nav2's life-cycle manager notices that an active node has died.

It takes the package bondpy, 4.1 or newer. Where it is not installed, or makes no bond, the manager
must be set not to expect one (``bond_timeout: 0.0``), and ``/diagnostics`` is the heartbeat. The
node works without a bond: failures of it are warnings.
"""

from __future__ import annotations

from collections.abc import Callable
import importlib
import importlib.util
from typing import Any

from rclpy.node import Node

from kosmos_ros.ros.executor.between_callbacks import between_callbacks

TOPIC = 'bond'
"""As in nav2_util's LifecycleNode, and so are the numbers below."""

_HEARTBEAT_PERIOD = 0.1
_HEARTBEAT_TIMEOUT = 4.0
_TIMEOUT_PARAMETER = '/bond_disable_heartbeat_timeout'
"""What bondpy declares in the node when the manager falls silent."""


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
        """Whether the node's side of the bond exists."""
        return self._bond is not None

    def bind(self) -> None:
        """Make the bond, if bondpy is installed and can."""
        if importlib.util.find_spec('bondpy') is None:
            self._node.get_logger().debug('bondpy is not installed: no bond with a manager')
            return
        try:
            self._bond = self._started()
        except Exception as error:  # noqa: BLE001  of another's package, and reported
            self._node.get_logger().warning(
                'bondpy is installed but makes no bond, and a life-cycle manager that expects one '
                f'will take this node for dead: {type(error).__name__}: {error}. Mend bondpy, or '
                "set the manager's bond_timeout to 0.0"
            )

    def release(self) -> None:
        """Break the bond, so that the manager takes the end as intended."""
        bond, self._bond = self._bond, None
        if bond is not None:
            self._attempt(bond.break_bond)
            between_callbacks(self._node, self._end, bond)

    def _started(self) -> Any:
        bondpy = importlib.import_module('bondpy.bondpy')
        # By position: the name of the id differs between versions.
        bond = bondpy.Bond(self._node, TOPIC, self._node.get_name())
        try:
            bond.set_heartbeat_period(_HEARTBEAT_PERIOD)
            bond.set_heartbeat_timeout(_HEARTBEAT_TIMEOUT)
            bond.start()
        except BaseException:
            between_callbacks(self._node, self._end, bond)
            raise
        return bond

    def _end(self, bond: Any) -> None:
        self._attempt(bond.shutdown)
        # bondpy destroys them without the node, which would keep them for ever. A bond that did
        # not start has no subscription.
        if hasattr(bond, 'sub'):
            self._node.destroy_subscription(bond.sub)
        self._node.destroy_publisher(bond.pub)
        # Before 4.4 bondpy declares it anew with each bond, which would raise in its thread.
        if self._node.has_parameter(_TIMEOUT_PARAMETER):
            self._node.undeclare_parameter(_TIMEOUT_PARAMETER)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001  as above
            self._node.get_logger().warning(
                f'the bond does not end properly: {type(error).__name__}: {error}'
            )
