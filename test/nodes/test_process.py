# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How the process of a node ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node

from kosmos_ros.nodes.process import leave_ros


@pytest.fixture
def peer(ros_domain: int) -> Iterator[Node]:
    """Give the test somebody else on the network."""
    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    peer = Node('peer', context=context)
    yield peer
    peer.destroy_node()
    context.try_shutdown()


@pytest.mark.parametrize('kind', [Node, LifecycleNode])
def test_others_see_a_node_go_that_leaves(peer: Node, ros_domain: int, kind: type[Node]) -> None:
    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    node = kind('grounding', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    watching = SingleThreadedExecutor(context=peer.context)
    watching.add_node(peer)

    def wait_until(is_there: bool) -> None:
        for _ in range(600):
            if ('grounding' in peer.get_node_names()) == is_there:
                return
            watching.spin_once(timeout_sec=0.1)
        pytest.fail(f'is there: {not is_there}')

    wait_until(is_there=True)
    # Others are still told that this process lives, so that it is missed only if it says so. The
    # node, which the test still has, must not keep it.
    leave_ros(node, executor)
    wait_until(is_there=False)
    assert not context.ok()


def test_a_process_that_ends_does_so_at_once_and_loses_no_output(start_process) -> None:
    process = start_process(
        '-c',
        'import atexit, sys\n'
        'from kosmos_ros.nodes.process import end_process\n'
        'atexit.register(print, "taken apart")\n'
        'print("bye", end="")\n'
        'print("ouch", end="", file=sys.stderr)\n'
        'end_process(3)',
    )
    assert process.wait() == 3
    assert sorted(process.output) == sorted('byeouch')
