# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Who hears BUSY when more is asked than the model can answer, and what becomes of the others.

Spans ``nodes.grounding_node`` and ``ros.worker``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from builtin_interfaces.msg import Duration
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import psutil
import pytest

from kosmos_ros.bringup import middleware_environment

SHORT = Duration(nanosec=1)


@pytest.fixture
def start_writing(start_node: Callable[..., object], robot) -> Callable[..., object]:
    """Start a node that is busy with a text for a minute, and has one place in its queue."""

    def start(**parameters: object) -> object:
        node = start_node('writing', max_new_tokens=2048, queue_size=1, **parameters)
        robot.film()
        robot.ask_until(Grounding.STATUS_FOUND)
        robot.writing = call(robot, 'detailed', task=2, timeout=Duration(sec=3))
        robot.spin_for(0.3)
        return node

    return start


def call(robot, query: str = 'the red cube', **fields: object):
    return robot.ground.call_async(Ground.Request(query=query, **fields))


def answer_of(robot, future) -> Grounding:
    robot.wait_until(future.done)
    return future.result().grounding


def test_the_newcomer_is_refused_at_once(start_writing, robot) -> None:
    start_writing()
    waiting = call(robot)
    robot.spin_for(0.2)
    newcomer = answer_of(robot, call(robot))
    assert newcomer.status == Grounding.STATUS_BUSY
    assert newcomer.status_message == '1 requests are waiting already; try later'
    assert not robot.writing.done()
    assert answer_of(robot, robot.writing).status == Grounding.STATUS_TIMEOUT
    assert answer_of(robot, waiting).status == Grounding.STATUS_FOUND


def test_the_oldest_is_replaced(start_writing, robot) -> None:
    start_writing(busy_policy='replace_oldest')
    waiting = call(robot)
    robot.spin_for(0.2)
    newcomer = call(robot)
    replaced = answer_of(robot, waiting)
    assert replaced.status == Grounding.STATUS_BUSY
    assert replaced.status_message == 'replaced by a newer request; the queue was full'
    assert not robot.writing.done()
    assert not newcomer.done()
    assert answer_of(robot, robot.writing).status == Grounding.STATUS_TIMEOUT
    assert answer_of(robot, newcomer).status == Grounding.STATUS_FOUND


VISITOR = """
import rclpy
from builtin_interfaces.msg import Duration
from kosmos_ros_msgs.srv import Ground

rclpy.init()
node = rclpy.create_node('visitor')
client = node.create_client(Ground, '/grounding/ground')
client.wait_for_service()
client.call_async(Ground.Request(task=2, query='detailed', timeout=Duration(sec=100)))
print('called', flush=True)
rclpy.spin(node)
"""


@pytest.mark.skipif(not middleware_environment({}), reason='there is too little shared memory')
def test_work_for_callers_that_are_killed_is_dropped(start_writing, start_process, robot) -> None:
    environment = middleware_environment({})
    node = start_writing(environment=environment)
    visitor = start_process('-c', VISITOR, environment=environment)
    robot.wait_until(lambda: 'called' in visitor.output)
    answer_of(robot, robot.writing)
    robot.node.destroy_client(robot.ground)
    robot.spin_for(3.0)
    assert 'is gone' not in node.output
    # Whoever comes later cannot have asked.
    robot.ground = robot.node.create_client(Ground, '/grounding/ground')
    visitor.kill()
    robot.wait_until(lambda: "'detailed': CANCELLED, whoever asked is gone" in node.output)
    assert robot.ask(timeout=Duration(sec=10)).grounding.status == Grounding.STATUS_FOUND


def test_a_thousand_calls_at_once_take_no_memory(start_node, robot) -> None:
    node = start_node('slow', queue_size=4)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    process = psutil.Process(node.pid)

    def flood() -> Counter[int]:
        # Who calls so often films seldom.
        futures = [call(robot, max_age=Duration(sec=1000)) for _ in range(1000)]
        robot.wait_until(lambda: all(future.done() for future in futures))
        return Counter(future.result().grounding.status for future in futures)

    statuses = flood()
    assert set(statuses) == {Grounding.STATUS_FOUND, Grounding.STATUS_BUSY}
    before = process.memory_info().rss
    assert sum(flood().values()) == 1000
    assert process.memory_info().rss - before < 20e6


def test_a_standing_query_does_not_starve_callers(start_node, robot) -> None:
    start_node('slow')
    robot.film()
    robot.listen()
    robot.ask_until(Grounding.STATUS_FOUND)
    fields = {'enabled': True, 'task': 1, 'query': 'the red cube'}
    assert robot.call(robot.standing, SetStandingQuery.Request(**fields)).success
    robot.wait_until(lambda: [m for m in robot.received['groundings'] if m.id == 'standing'])
    futures = [call(robot) for _ in range(5)]
    assert {answer_of(robot, one).status for one in futures} == {Grounding.STATUS_FOUND}
    count = len(robot.received['groundings'])
    robot.wait_until(lambda: len(robot.received['groundings']) > count + 2)


def test_each_status_is_provoked_somewhere_here() -> None:
    tests = ''.join(path.read_text() for path in Path(__file__).parent.glob('test_*.py'))
    names = [name for name in dir(Grounding) if name.startswith('STATUS_')]
    statuses = [name for name in names if not name.startswith('STATUS_3D')]
    assert len(statuses) == 11
    assert [name for name in statuses if f'Grounding.{name}' not in tests] == []
