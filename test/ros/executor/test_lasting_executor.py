# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What cannot be taken is dropped, and what comes next is taken all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import Trigger

from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.executor.lasting_executor import LastingExecutor


@pytest.fixture
def node(ros_domain: int) -> Iterator[Node]:
    rclpy.init(domain_id=ros_domain)
    node = Node('grounding')
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


def served(node: Node, executor: SingleThreadedExecutor) -> list[str]:
    """Call two services of one callback group in turn, the first take failing; return who came."""
    came: list[str] = []
    clients = []
    for name in ('first', 'second'):

        def respond(_: Any, response: Any, name: str = name) -> Any:
            came.append(name)
            return response

        node.create_service(Trigger, name, respond)
        clients.append(node.create_client(Trigger, name))
    take, failures = executor._take_service, [MemoryError()]

    def take_later(service: Any) -> Any:
        taken = take(service)
        if failures:
            raise failures.pop()
        return taken

    executor._take_service = take_later
    executor.add_node(node)
    for client in (clients[0], *clients):
        assert client.wait_for_service(30.0)
        client.call_async(Trigger.Request())
        for _ in range(40):
            with suppress(MemoryError):
                executor.spin_once(timeout_sec=0.05)
    executor.shutdown()
    return came


def test_a_service_is_served_after_a_request_that_cannot_be_taken(node: Node) -> None:
    failures = Failures(node.get_logger())
    assert served(node, LastingExecutor(failures)) == ['first', 'second']
    assert failures.unexpected == 1
    assert 'MemoryError' in failures.latest


def test_with_an_executor_of_rclpy_it_would_not_be(node: Node) -> None:
    # Once this fails, there is no need for another executor any more.
    assert served(node, SingleThreadedExecutor()) == []
