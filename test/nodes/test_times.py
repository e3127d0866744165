# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Every answer says how old its image was when it was handed out, and how long the model took.

Spans ``nodes.grounding_node`` and ``ros.endpoints.publishers``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kosmos_ros_msgs.action import Ground as GroundAction
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import SetStandingQuery
import pytest
from rclpy.action import ActionClient

PHRASE = 'the red cube'
INFERENCE = 0.2
"""Seconds that the slow backend takes for an answer."""


@pytest.fixture
def cameras(start_node: Any, robot: Any) -> Iterator[Any]:
    """Start a slow node with two cameras, and return the robot once it answers."""
    start_node('slow', cameras='[front, wrist]')
    for name in ('front', 'wrist'):
        robot.film(f'{name}/image_raw')
    for name in ('front', 'wrist'):
        robot.ask_until(Grounding.STATUS_FOUND, camera=name)
    return robot


def seconds(duration: Any) -> float:
    return float(duration.sec + duration.nanosec / 1e9)


def check_times(answer: Grounding) -> None:
    """The image was there before the model began, and got older until the answer was ready."""
    assert answer.status == Grounding.STATUS_FOUND
    assert seconds(answer.inference_time) >= INFERENCE
    assert seconds(answer.image_age) >= seconds(answer.inference_time)
    assert not answer.carried
    assert answer.answered_stamp == answer.header.stamp


def test_of_a_service(cameras: Any) -> None:
    check_times(cameras.ask(PHRASE).grounding)


def test_of_a_service_that_asks_all_cameras(cameras: Any) -> None:
    response = cameras.ask(PHRASE, camera='*')
    check_times(response.grounding)
    assert [one.camera for one in response.groundings] == ['front', 'wrist']
    for answer in response.groundings:
        check_times(answer)


def test_of_an_action(cameras: Any) -> None:
    client = ActionClient(cameras.node, GroundAction, '/grounding/ground_action')
    cameras.wait_until(client.server_is_ready)
    sent = client.send_goal_async(GroundAction.Goal(query=PHRASE, camera='*'))
    cameras.wait_until(sent.done)
    result = sent.result().get_result_async()
    cameras.wait_until(result.done)
    answers = result.result().result
    client.destroy()
    check_times(answers.grounding)
    assert len(answers.groundings) == 2
    for answer in answers.groundings:
        check_times(answer)


def test_of_a_standing_query(cameras: Any) -> None:
    cameras.listen()
    request = SetStandingQuery.Request(query=PHRASE, camera='*', enabled=True)
    assert cameras.call(cameras.standing, request).success
    answers = cameras.received['groundings']
    cameras.wait_until(lambda: {one.camera for one in answers} == {'front', 'wrist'})
    for answer in answers:
        check_times(answer)
