# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A ROS context of its own for each test, spun by the test itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time

from hypothesis import settings
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

# Machines differ in speed, and a busy one stalls now and then.
settings.register_profile('any_machine', deadline=None)
settings.load_profile('any_machine')


class SteadyClock:
    """Takes the place of the module ``time``, and is moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return seconds."""
        return self.now


@pytest.fixture
def steady_clock() -> SteadyClock:
    """Give the test a clock to put in a module's place of ``time``."""
    return SteadyClock()


class Rig:
    """Nodes of one context and the executor that runs them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.executor = SingleThreadedExecutor(context=context)
        self._nodes: list[Node] = []

    def node(self, name: str, **options: object) -> Node:
        """Make a node and spin it from now on."""
        node = Node(name, context=self.context, **options)
        self._nodes.append(node)
        self.executor.add_node(node)
        return node

    def spin_until(self, condition: Callable[[], object], timeout: float = 30.0) -> None:
        """Run callbacks until the condition holds; fail when it does not within seconds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f'{condition} within {timeout} s'
            self.executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        """Destroy all nodes."""
        self.executor.shutdown()
        for node in self._nodes:
            node.destroy_node()


@contextmanager
def _rig(ros_domain: int) -> Iterator[Rig]:
    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    rig = Rig(context)
    yield rig
    rig.close()
    context.try_shutdown()


@pytest.fixture
def rig(ros_domain: int) -> Iterator[Rig]:
    """Give the test nodes and an executor in its own domain."""
    with _rig(ros_domain) as rig:
        yield rig


@pytest.fixture
def driver(ros_domain: int) -> Iterator[Node]:
    """
    Give the test a node apart from those of ``rig``, as in a process of its own.

    Those of one process can use a topic with one type only.
    """
    with _rig(ros_domain) as rig:
        yield rig.node('driver')
