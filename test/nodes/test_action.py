# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The action as its clients meet it: progress, cancel, deadline, policies, and the reason why.

Spans ``nodes.grounding_node`` and ``ros.endpoints.action``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
import signal

from action_msgs.msg import GoalStatus
from builtin_interfaces.msg import Duration, Time
from kosmos_ros_msgs.action import Ground
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground as ServiceGround
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
import pytest
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.action import ActionClient
from rclpy.context import Context
from rclpy.node import Node

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / 'examples'
SUCCEEDED = GoalStatus.STATUS_SUCCEEDED
CANCELED = GoalStatus.STATUS_CANCELED
ABORTED = GoalStatus.STATUS_ABORTED


class Goal:
    """A goal on its way, and the feedback that came for it."""

    def __init__(self, robot, client: ActionClient, **fields: object) -> None:
        self._robot = robot
        self.feedback: list[Ground.Feedback] = []
        sent = client.send_goal_async(
            Ground.Goal(**fields), lambda message: self.feedback.append(message.feedback)
        )
        robot.wait_until(sent.done)
        self.handle = sent.result()
        assert self.handle.accepted
        self._result = self.handle.get_result_async()

    @property
    def is_done(self) -> bool:
        return self._result.done()

    def began(self) -> Goal:
        """Wait for the first feedback."""
        self._robot.wait_until(lambda: self.feedback)
        return self

    def cancel(self) -> None:
        self._robot.wait_until(self.handle.cancel_goal_async().done)

    def end(self) -> tuple[int, Grounding]:
        """Wait for the end, and return how it ended and the answer."""
        self._robot.wait_until(self._result.done)
        response = self._result.result()
        return response.status, response.result.grounding


class Asker:
    """Sends goals."""

    def __init__(self, robot) -> None:
        self.robot = robot
        self.client = ActionClient(robot.node, Ground, '/grounding/ground_action')

    def send(self, **fields: object) -> Goal:
        self.robot.wait_until(self.client.server_is_ready)
        return Goal(self.robot, self.client, **fields)

    def send_long(self, **fields: object) -> Goal:
        """Ask for a text that takes a minute to write, and wait until it is begun."""
        return self.send(task=Ground.Goal.TASK_DESCRIBE, query='detailed', **fields).began()


@pytest.fixture
def asker(robot) -> Iterator[Asker]:
    asker = Asker(robot)
    yield asker
    asker.client.destroy()


@pytest.fixture
def start_writing(start_node: Callable[..., object], robot) -> Callable[..., object]:
    """Start a node that writes 50 words a second, with a camera, and wait until it is ready."""

    def start(**parameters: object) -> object:
        node = start_node('writing', max_new_tokens=2048, **parameters)
        robot.film()
        robot.ask_until(Grounding.STATUS_FOUND)
        return node

    return start


def test_a_text_is_told_while_it_is_being_written(start_writing, robot, asker: Asker) -> None:
    start_writing()
    goal = asker.send(task=Ground.Goal.TASK_DESCRIBE, id='mine')
    status, answer = goal.end()
    assert (status, answer.status, answer.id) == (SUCCEEDED, Grounding.STATUS_FOUND, 'mine')
    assert answer.text == f'An image of a red cube and{" a word" * 10}'
    assert answer.header.stamp in robot.stamps
    texts = [one.partial_text for one in goal.feedback]
    assert len(texts) > 3
    for before, after in pairwise(texts):
        assert after.startswith(before)
    tokens = [one.tokens for one in goal.feedback]
    assert tokens == sorted(set(tokens))
    # The last one always comes.
    last = goal.feedback[-1]
    assert answer.text.endswith(last.partial_text)
    assert last.phrases[0].text == 'a red cube'
    assert last.detections.header == answer.header
    assert last.detections.detections[0].bbox == answer.detections.detections[0].bbox


def test_what_is_located_needs_no_feedback(start_writing, asker: Asker) -> None:
    start_writing()
    goal = asker.send(query='the red cube; the unicorn')
    status, answer = goal.end()
    assert (status, answer.status) == (SUCCEEDED, Grounding.STATUS_FOUND)
    assert [one.text for one in answer.phrases] == ['the red cube', 'the unicorn']
    absent = asker.send(query='the unicorn').end()
    assert (absent[0], absent[1].status) == (SUCCEEDED, Grounding.STATUS_NOT_FOUND)


def test_a_cancelled_goal_stops_the_model(start_writing, robot, asker: Asker) -> None:
    node = start_writing()
    goal = asker.send_long()
    waiting = asker.send(query='the red cube')
    waiting.cancel()
    status, answer = waiting.end()
    assert (status, answer.status) == (CANCELED, Grounding.STATUS_CANCELLED)
    assert not goal.is_done
    goal.cancel()
    status, answer = goal.end()
    assert (status, answer.status) == (CANCELED, Grounding.STATUS_CANCELLED)
    assert answer.status_message == 'cancelled by the client'
    # The model is free: its text would have taken a minute.
    assert robot.ask(timeout=Duration(sec=10)).grounding.status == Grounding.STATUS_FOUND
    assert 'Traceback' not in node.output


def test_a_deadline_ends_a_goal(start_writing, robot, asker: Asker) -> None:
    start_writing()
    goal = asker.send_long(timeout=Duration(sec=1))
    status, answer = goal.end()
    assert (status, answer.status) == (ABORTED, Grounding.STATUS_TIMEOUT)
    assert 'no answer within 1 s: the model is still at it' in answer.status_message
    assert robot.ask(timeout=Duration(sec=10)).grounding.status == Grounding.STATUS_FOUND


def test_a_goal_that_cannot_be_answered_hears_why(start_writing, robot, asker: Asker) -> None:
    node = start_writing(queue_size=1)

    def refused(**fields: object) -> Grounding:
        goal_status, answer = asker.send(**{'query': 'the red cube', 'id': 'mine', **fields}).end()
        assert goal_status == ABORTED
        assert answer.id == 'mine' or not fields.get('id', 'mine')
        return answer

    invalid = refused(camera='rear')
    assert invalid.status == Grounding.STATUS_INVALID_REQUEST
    assert "no camera 'rear'" in invalid.status_message
    assert invalid.task == Grounding.TASK_LOCATE  # what AUTO would have chosen
    assert refused(id='', newer_than=Time(nanosec=2**31)).id
    assert refused(task=99).status == Grounding.STATUS_INVALID_REQUEST
    stale = refused(max_age=Duration(nanosec=1))
    assert stale.status == Grounding.STATUS_STALE_IMAGE
    running, waiting = asker.send_long(), asker.send(query='the red cube')
    busy = refused()
    assert busy.status == Grounding.STATUS_BUSY
    assert '1 requests are waiting already' in busy.status_message
    change(robot, Transition.TRANSITION_DEACTIVATE)
    for goal in (running, waiting):
        status, answer = goal.end()
        assert (status, answer.status) == (ABORTED, Grounding.STATUS_CANCELLED)
        assert 'deactivated' in answer.status_message
    idle = refused()
    assert idle.status == Grounding.STATUS_NOT_READY
    assert 'the node is inactive: ros2 lifecycle set /grounding activate' in idle.status_message
    change(robot, Transition.TRANSITION_ACTIVATE)
    robot.ask_until(Grounding.STATUS_FOUND)
    assert 'Traceback' not in node.output


def change(robot, transition: int) -> None:
    client = robot.node.create_client(ChangeState, '/grounding/change_state')
    request = ChangeState.Request(transition=Transition(id=transition))
    assert robot.call(client, request).success


def test_policies_say_what_a_new_goal_does_to_the_others(
    start_writing, robot, asker: Asker
) -> None:
    start_writing(action_policy='preempt')
    running, waiting = asker.send_long(), None
    set_policy(robot, 'queue')
    waiting = asker.send(query='the red cube')
    set_policy(robot, 'reject')
    status, answer = asker.send(query='the red cube').end()
    assert (status, answer.status) == (ABORTED, Grounding.STATUS_BUSY)
    assert 'another goal is active' in answer.status_message
    assert not running.is_done
    assert not waiting.is_done
    set_policy(robot, 'preempt')
    # A goal that nobody could answer does not end the others.
    assert asker.send(task=3).end()[1].status == Grounding.STATUS_INVALID_REQUEST
    assert not running.is_done
    status, answer = asker.send(query='the red cube').end()
    assert (status, answer.status) == (SUCCEEDED, Grounding.STATUS_FOUND)
    for goal in (running, waiting):
        status, answer = goal.end()
        assert (status, answer.status) == (ABORTED, Grounding.STATUS_CANCELLED)
        assert answer.status_message == 'pre-empted by a newer goal'


def set_policy(robot, policy: str) -> None:
    client = robot.node.create_client(SetParameters, '/grounding/set_parameters')
    value = ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=policy)
    request = SetParameters.Request(parameters=[Parameter(name='action_policy', value=value)])
    assert robot.call(client, request).results[0].successful


def test_all_cameras_are_asked_by_a_goal_too(start_node, robot, asker: Asker) -> None:
    start_node('quick', cameras='[front, wrist]')
    robot.film('front/image_raw')
    robot.film('wrist/image_raw')
    robot.ask_until(Grounding.STATUS_FOUND, camera='front')
    robot.ask_until(Grounding.STATUS_FOUND, camera='wrist')
    goal = asker.send(query='the red cube', camera='*')
    assert goal.end()[0] == SUCCEEDED
    result = goal.handle.get_result_async()
    robot.wait_until(result.done)
    assert [one.camera for one in result.result().result.groundings] == ['front', 'wrist']


def test_work_for_clients_that_are_gone_is_dropped(start_writing, robot, ros_domain: int) -> None:
    node = start_writing()
    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    visitor = Node('visitor', context=context)
    client = ActionClient(visitor, Ground, '/grounding/ground_action')
    robot.wait_until(client.server_is_ready)
    client.send_goal_async(Ground.Goal(task=Ground.Goal.TASK_DESCRIBE, query='detailed'))
    robot.wait_until(
        lambda: robot.ask(timeout=Duration(nanosec=1)).grounding.status_message.endswith('others')
    )
    client.destroy()
    visitor.destroy_node()
    context.try_shutdown()
    node.wait_for_output("'detailed': CANCELLED, whoever asked is gone")
    assert robot.ask(timeout=Duration(sec=10)).grounding.status == Grounding.STATUS_FOUND


def test_the_example_shows_progress_and_cancels(start_process, robot) -> None:
    start_process(
        HERE / 'scripted_node.py',
        'writing',
        '--ros-args',
        *('-r', '__ns:=/kosmos', '-r', 'image:=/image', '-p', 'max_new_tokens:=2048'),
    )
    robot.film()
    ask = robot.node.create_client(ServiceGround, '/kosmos/grounding/ground')
    robot.wait_until(lambda: robot.call(ask, ServiceGround.Request(query='x')).success)
    heard: list[object] = []
    robot.node.create_subscription(
        Ground.Impl.FeedbackMessage,
        '/kosmos/grounding/ground_action/_action/feedback',
        heard.append,
        10,
    )
    example = start_process(EXAMPLES / 'ask_with_progress.py')
    robot.wait_until(lambda: len(heard) > 5)
    example.signal(signal.SIGINT)
    robot.wait_until(lambda: 'cancelled by the client' in example.output)
    assert 'a red cube and one more word' in example.output
    assert example.wait(timeout=30.0) == 0
    finds = start_process(EXAMPLES / 'ask_with_progress.py', 'the red cube')
    robot.wait_until(lambda: 'the red cube: score 0.90' in finds.output)
    assert finds.wait(timeout=30.0) == 0


def test_the_end_of_the_node_ends_its_goals(start_writing, robot, asker: Asker) -> None:
    node = start_writing()
    goals = [asker.send_long(), asker.send(query='the red cube')]
    node.signal(signal.SIGINT)
    for goal in goals:
        status, answer = goal.end()
        assert (status, answer.status) == (ABORTED, Grounding.STATUS_CANCELLED)
        assert answer.status_message == 'the node is shutting down'
    assert node.wait(timeout=20.0) == 0
    assert 'Traceback' not in node.output
