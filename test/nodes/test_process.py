# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How the process of a node begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
import signal

import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from kosmos_ros.nodes.process import enter_ros


@pytest.fixture
def peer(ros_domain: int) -> Iterator[Node]:
    """Give the test somebody else on the network."""
    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    peer = Node('peer', context=context)
    yield peer
    peer.destroy_node()
    context.try_shutdown()


LEAVES = """
import signal
import rclpy
from rclpy.executors import SingleThreadedExecutor
from {module} import {kind}
from kosmos_ros.nodes.process import leave_ros
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
rclpy.init()
node = {kind}('grounding')
executor = SingleThreadedExecutor()
executor.add_node(node)
print('here', flush=True)
signal.sigwait([signal.SIGUSR1])
leave_ros(node, executor)
print('left, context ok:', rclpy.ok(), flush=True)
signal.pause()
"""
"""Leaves when it is told to, and lives on with the node in its hands."""


@pytest.mark.parametrize(
    ('module', 'kind'), [('rclpy.node', 'Node'), ('rclpy.lifecycle', 'LifecycleNode')]
)
def test_others_see_a_node_go_that_leaves(
    peer: Node, start_process, module: str, kind: str
) -> None:
    watching = SingleThreadedExecutor(context=peer.context)
    watching.add_node(peer)

    def wait_until(is_there: bool) -> None:
        for _ in range(600):
            if ('grounding' in peer.get_node_names()) == is_there:
                return
            watching.spin_once(timeout_sec=0.1)
        pytest.fail(f'is there: {not is_there}')

    # As leaving ends the log of its process too, this is not done in that of the tests.
    process = start_process('-c', LEAVES.format(module=module, kind=kind))
    process.wait_for_output('here')
    wait_until(is_there=True)
    process.signal(signal.SIGUSR1)
    process.wait_for_output('left, context ok: False')
    # Others are still told that this process lives, so that it is missed only if it says so.
    wait_until(is_there=False)


@pytest.mark.parametrize(
    ('arguments', 'named'),
    [
        (['-p', 'model'], "'-p model'"),
        (['-p', 'model:=[1'], 'model:=[1'),
        (['-r', '__node:=bad-name'], '__node:=bad-name'),
        (['-r', '__ns:=bad'], '__ns:=bad'),
        (['--params-file', '/no/file.yaml'], '/no/file.yaml'),
        (['--log-level', 'loud'], '--log-level loud'),
        (['--nonsense'], '--nonsense'),
        (['-e'], 'enclave'),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, list) else '',
)
def test_arguments_that_ros_does_not_understand_are_named(
    arguments: list[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('kosmos_ros.nodes.process.end_by', lambda *_, **__: None)
    with pytest.raises(ValueError, match=r'^ROS cannot start') as caught:
        enter_ros(['node', '--ros-args', *arguments])
    assert named in str(caught.value)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('node', ['grounding_node', 'tabletop_camera_node'])
def test_a_node_that_cannot_start_says_so_and_ends_with_2(start_process, node: str) -> None:
    process = start_process('-m', f'kosmos_ros.nodes.{node}', '--ros-args', '-r', '__node:=a-b')
    assert process.wait() == 2
    assert 'ROS cannot start with these arguments' in process.output
    assert 'Traceback' not in process.output
