# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
No call stops the node: numbers at their extremes, claims of huge images, bytes of any kind.

Spans ``nodes.grounding_node``, ``ros.executor`` and ``ros.endpoints``.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
import os
import random
import struct
from typing import Any

from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time
from kosmos_ros_msgs.action import Ground as GroundAction
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from lifecycle_msgs.srv import GetState
import psutil
import pytest
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, SetParameters
from rclpy.action import ActionClient
from rclpy.qos import QoSProfile
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from kosmos_ros.bringup import middleware_environment
from kosmos_ros.parameters.node_settings import NodeSettings

from .wire import RawClient

MOST_FUZZ = int(os.environ.get('KOSMOS_ROS_FUZZ', '300'))
"""Messages of the test with bytes of any kind; set it higher to search for longer."""

FLOATS = {
    'float': (1e-45, 1e-12, 3.4e38),
    'double': (5e-324, 1e-300, 1.7e308),
}
NO_NUMBERS = (float('nan'), float('inf'), -float('inf'), -0.0)


def extremes(kind: str) -> Sequence[float]:
    """Return the values of a type that code forgets; none for what is no number."""
    if kind in FLOATS:
        return (*NO_NUMBERS, *FLOATS[kind], *(-one for one in FLOATS[kind]), 1.0)
    sign, _, bits = kind.partition('int')
    if not bits.isdigit() or sign not in ('', 'u'):
        return ()
    high = 2 ** (int(bits) - (not sign)) - 1
    low = 0 if sign else -high - 1
    return (low, low + 1, 1, high // 2, high)


def numbers_of(message: Any) -> Iterator[tuple[Any, str, float]]:
    """Yield each number of a message, nested ones too: its owner, its name, an extreme value."""
    for name, kind in message.get_fields_and_field_types().items():
        yield from ((message, name, value) for value in extremes(kind))
        nested = getattr(message, name)
        if hasattr(nested, 'get_fields_and_field_types'):
            yield from numbers_of(nested)


def each_extreme(message: Any) -> Iterator[Any]:
    """Change one number of a message at a time."""
    for owner, name, value in numbers_of(message):
        before = getattr(owner, name)
        setattr(owner, name, value)
        yield message
        setattr(owner, name, before)


def require_sound(robot: Any, node: Any) -> None:
    """Require that everything is answered still, and about new images."""
    now = robot.node.get_clock().now().to_msg()
    robot.ask_until(Grounding.STATUS_FOUND, newer_than=now)
    assert robot.call(robot.standing, SetStandingQuery.Request(enabled=False)).success
    assert robot.set_parameter('carry_boxes', True).successful
    assert robot.state() == 'active'
    assert goal_status(robot) == Grounding.STATUS_FOUND
    assert node.returncode is None


def goal_status(robot: Any, **more: Any) -> int:
    client = ActionClient(robot.node, GroundAction, '/grounding/ground_action')
    robot.wait_until(client.server_is_ready)
    sent = client.send_goal_async(GroundAction.Goal(query='the red cube', **more))
    robot.wait_until(sent.done)
    result = sent.result().get_result_async()
    robot.wait_until(result.done)
    client.destroy()
    return result.result().result.grounding.status


@pytest.mark.timeout(600)
def test_no_number_of_a_request_or_a_parameter_stops_the_node(start_node, robot) -> None:
    node = start_node(
        'quick',
        request_timeout=0.2,
        queue_size=1000,
        standing_enabled=True,
        standing_query='the red cube',
    )
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    image = Image(width=2, height=1, step=2, encoding='mono8', data=[1, 2])
    for question in (
        Ground.Request(query='the red cube'),
        Ground.Request(query='the red cube', image=image),
    ):
        asked = [robot.ground.call_async(one) for one in each_extreme(question)]
        robot.wait_until(lambda asked=asked: all(one.done() for one in asked))
    for request in each_extreme(SetStandingQuery.Request(query='the red cube', enabled=True)):
        robot.call(robot.standing, request)
    robot.ask_until(Grounding.STATUS_FOUND)
    for spec in fields(NodeSettings):
        kind = {int: 'int64', float: 'double'}.get(type(spec.default), '')
        for value in extremes(kind):
            result = robot.set_parameter(spec.name, value)
            assert result.successful or result.reason
            assert robot.ask().grounding.status
        if kind:
            robot.set_parameter(spec.name, spec.default)
    require_sound(robot, node)
    assert 'Traceback' not in node.output
    assert robot.value('requests', 'unexpected errors') == '0'


FILL = b'\xab' * 64
"""Data whose length is overwritten."""


def small_image() -> Image:
    return Image(width=8, height=8, step=8, encoding='mono8', data=list(FILL))


def wires() -> dict[str, tuple[Any, bytes]]:
    """Return a sound request of each service: type and bytes, by its name."""
    image = small_image()
    value = ParameterValue(
        type=ParameterType.PARAMETER_BYTE_ARRAY, byte_array_value=[bytes([one]) for one in FILL]
    )
    parameter = Parameter(name='carry_boxes', value=value)
    action = GroundAction.Impl
    goal = action.SendGoalService.Request(goal=GroundAction.Goal(query='a cube', image=image))
    services = {
        'ground': (Ground, Ground.Request(query='a cube', camera='camera', image=image)),
        'set_standing_query': (SetStandingQuery, SetStandingQuery.Request(query='a cube')),
        'ground_action/_action/send_goal': (action.SendGoalService, goal),
        'ground_action/_action/get_result': (
            action.GetResultService,
            action.GetResultService.Request(),
        ),
        'ground_action/_action/cancel_goal': (CancelGoal, CancelGoal.Request()),
        'set_parameters': (SetParameters, SetParameters.Request(parameters=[parameter])),
        'describe_parameters': (DescribeParameters, DescribeParameters.Request(names=['model'])),
        'get_state': (GetState, GetState.Request()),
    }
    return {name: (kind, serialize_message(one)) for name, (kind, one) in services.items()}


def raw_clients(robot: Any, domain: int) -> dict[str, RawClient]:
    clients = {
        name: RawClient(robot.node, domain, kind, f'/grounding/{name}')
        for name, (kind, _) in wires().items()
    }
    robot.wait_until(lambda: all(one.is_ready() for one in clients.values()))
    return clients


def test_who_claims_a_huge_image_gets_no_memory_and_stops_no_service(
    start_node, robot, ros_domain: int
) -> None:
    node = start_node('quick', memory_limit=900)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    clients = raw_clients(robot, ros_domain)
    publisher = robot.node.create_publisher(Image, 'image', 10)
    robot.wait_until(publisher.get_subscription_count)
    length = struct.pack('<I', len(FILL)) + FILL
    sent = {name: wire for name, (_, wire) in wires().items() if length in wire}
    assert len(sent) == 3
    image = serialize_message(small_image())
    # One is refused at once, the other when the third copy of it is made, in Python.
    for claimed in (2**32 - 1, 300_000_000):
        for name, wire in sent.items():
            clients[name].send(wire.replace(length, struct.pack('<I', claimed) + FILL))
        publisher.publish(image.replace(length, struct.pack('<I', claimed) + FILL))
        robot.ask_until(Grounding.STATUS_FOUND)
    require_sound(robot, node)
    robot.wait_until(lambda: int(robot.value('requests', 'unexpected errors') or 0) > 0)
    # pybind11 says in its own words that Python had no memory, where it was the one to ask.
    node.wait_for_output('MemoryError|Unable to convert call argument')
    assert psutil.Process(node.pid).memory_info().rss < 1.1e9


def mutated(wire: bytes, dice: random.Random) -> bytes:
    """Damage a message behind its first four bytes, which say how the others are to be read."""
    body = bytearray(wire[4:])
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) or 1)
        how = dice.randrange(5)
        if how == 0:
            del body[at:]
        elif how == 1:
            body[at : at + 1] = dice.randbytes(dice.randint(1, 40))
        elif how == 2:
            word = dice.choice((0, 1, 2**7, 2**16, 2**24, 2**31, 2**32 - 1))
            body[at & ~3 : (at & ~3) + 4] = struct.pack('<I', word)
        else:
            body[at : at + 1] = dice.randbytes(1)
    return wire[:4] + bytes(body)


@pytest.mark.timeout(300 + MOST_FUZZ)
def test_bytes_of_any_kind_stop_nothing(start_node, robot, ros_domain: int) -> None:
    node = start_node(
        'quick',
        memory_limit=500,
        cameras='[camera, small]',
        **{'camera.depth_topic': 'depth', 'small.transport': 'compressed'},
    )
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    seed = 1 if 'CI' in os.environ else random.randrange(2**32)
    print(f'seed {seed}')
    dice = random.Random(seed)
    clients = raw_clients(robot, ros_domain)
    topics = {
        'image': small_image(),
        'depth': Image(width=8, height=4, step=16, encoding='16UC1', data=list(FILL)),
        'camera_info': CameraInfo(width=8, height=8, d=[0.0] * 5, distortion_model='plumb_bob'),
        'small/image_raw/compressed': CompressedImage(format='jpeg', data=list(FILL)),
    }
    senders: list[tuple[bytes, Any]] = [
        (wire, clients[name].send) for name, (_, wire) in wires().items()
    ]
    for topic, message in topics.items():
        publisher = robot.node.create_publisher(type(message), topic, QoSProfile(depth=10))
        robot.wait_until(publisher.get_subscription_count)
        senders.append((serialize_message(message), publisher.publish))
    for number in range(MOST_FUZZ):
        wire, send = dice.choice(senders)
        send(mutated(wire, dice))
        if number % 50 == 0:
            robot.ask()
    require_sound(robot, node)


WIDTH, HEIGHT, MANY = 1920, 1080, 24
BYTES = WIDTH * HEIGHT * 3


@pytest.mark.skipif(not middleware_environment({}), reason='there is too little shared memory')
def test_images_of_requests_are_let_go_of_with_the_answer(start_node, robot) -> None:
    node = start_node('quick', environment=middleware_environment({}), queue_size=MANY)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    process = psutil.Process(node.pid)
    before = process.memory_info().rss
    shape = {'width': WIDTH, 'height': HEIGHT, 'step': 3 * WIDTH, 'encoding': 'rgb8'}
    image = Image(**shape, data=array('B', bytes(BYTES)))

    def has_grown() -> float:
        """Return by how many images the node has grown."""
        return (process.memory_info().rss - before) / BYTES

    asked = [
        robot.ground.call_async(Ground.Request(query='the red cube', image=image))
        for _ in range(MANY)
    ]
    robot.wait_until(lambda: all(one.done() for one in asked))
    assert {one.result().grounding.status for one in asked} == {Grounding.STATUS_FOUND}
    robot.wait_until(lambda: has_grown() < MANY - 4, timeout=40.0)
    # Their results are kept for a minute, without the images.
    for _ in range(MANY):
        assert goal_status(robot, image=image) == Grounding.STATUS_FOUND
    robot.wait_until(lambda: has_grown() < MANY - 4, timeout=40.0)
    large = Image(width=8000, height=8000, step=24000, encoding='rgb8')
    large.data = array('B', bytes(24000 * 8000))
    assert 'larger than the limit' in robot.ask(image=large).grounding.status_message
    robot.wait_until(lambda: has_grown() < MANY - 4, timeout=40.0)


def test_who_waits_for_an_image_that_never_comes_keeps_nobody_from_an_answer(
    start_node, robot
) -> None:
    start_node('quick', queue_size=4)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    never = {'newer_than': Time(sec=2**31 - 1), 'query': 'the red cube'}
    waiting = [robot.ground.call_async(Ground.Request(**never)) for _ in range(6)]
    robot.wait_until(lambda: sum(one.done() for one in waiting) == 2)
    refused = Counter(one.result().grounding.status_message for one in waiting if one.done())
    assert refused == {'4 requests are waiting for an image already; try later': 2}
    assert robot.ask().grounding.status == Grounding.STATUS_FOUND
    assert goal_status(robot) == Grounding.STATUS_FOUND
    assert sum(one.done() for one in waiting) == 2
