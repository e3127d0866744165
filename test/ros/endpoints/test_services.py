# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The service adapters: any outcome is a response, and no call keeps the executor."""

from __future__ import annotations

from concurrent.futures import Future
import threading
from types import SimpleNamespace

from builtin_interfaces.msg import Time
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import numpy as np
import pytest
from rclpy.executors import MultiThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import ArrayPicture
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.ros.answering.question import Answer, Question, Reply
from kosmos_ros.ros.endpoints.services import GroundService, StandingQueryService
from kosmos_ros.ros.executor.failures import Failures, RefusedError


def answer_to(question: Question) -> Reply:
    answer = Answer(
        grounding=Grounding(Task.LOCATE, Status.FOUND, 4, 2, query=question.request.query),
        id=question.id,
        camera='camera',
        header=Header(frame_id='lens'),
        picture=ArrayPicture(np.zeros((2, 4, 3), np.uint8)),
        image_age=0.5,
        region=None,
    )
    return Reply(answer)


class FailingHandle:
    """The handle of a service at which the third taking fails."""

    def __init__(self, handle: object) -> None:
        self.handle = handle
        self.takings = 0

    def __enter__(self) -> None:
        self.handle.__enter__()

    def __exit__(self, *reason: object) -> None:
        self.handle.__exit__(*reason)

    def service_take_request(self, kind: type) -> object:
        self.takings += 1
        if self.takings == 3:
            raise MemoryError('no room for a request')
        return self.handle.service_take_request(kind)


class Counter:
    """A service whose questions the test answers itself."""

    def __init__(self, rig) -> None:
        self.rig = rig
        self.node = rig.node('grounding')
        self.failures = Failures(self.node.get_logger())
        self.asked: list[tuple[Question, Future[Reply]]] = []
        self.refusal: Exception | None = None
        self.service = GroundService(self.node, self._ask, self.failures)
        # A client keeps no more than 10 responses by default.
        self.client = rig.node('client').create_client(
            Ground, '/grounding/ground', qos_profile=QoSProfile(depth=100)
        )

    def call(self, **fields: object):
        self.rig.spin_until(self.client.service_is_ready)
        return self.client.call_async(Ground.Request(**{'query': 'the mug', **fields}))

    def response(self, call) -> Ground.Response:
        self.rig.spin_until(call.done)
        return call.result()

    def _ask(self, question: Question) -> Future[Reply]:
        if self.refusal:
            raise self.refusal
        self.asked.append((question, Future()))
        return self.asked[-1][1]


@pytest.fixture
def counter(rig) -> Counter:
    return Counter(rig)


def test_an_answer_of_another_thread_is_the_response(counter: Counter) -> None:
    call = counter.call(id='mine')
    counter.rig.spin_until(lambda: counter.asked)
    question, future = counter.asked[0]
    threading.Timer(0.05, future.set_result, [answer_to(question)]).start()
    response = counter.response(call)
    assert response.success
    assert response.grounding.id == 'mine'
    assert response.grounding.header.frame_id == 'lens'
    assert response.grounding.image_age.nanosec == 500_000_000


def test_while_a_call_waits_the_executor_does_other_things(counter: Counter) -> None:
    ticks = []
    counter.node.create_timer(0.01, lambda: ticks.append(1))
    first, second = counter.call(id='first'), counter.call(id='second')
    counter.rig.spin_until(lambda: len(counter.asked) == 2)
    before = len(ticks)
    counter.rig.spin_until(lambda: len(ticks) > before + 3)
    # The later call may be answered first.
    by_id = {question.id: (question, future) for question, future in counter.asked}
    question, future = by_id['second']
    future.set_result(answer_to(question))
    assert counter.response(second).grounding.id == 'second'
    assert not first.done()
    question, future = by_id['first']
    future.set_result(answer_to(question))
    assert counter.response(first).grounding.id == 'first'


def test_calls_that_come_together_are_asked_in_their_order(counter: Counter) -> None:
    names = [f'{number}' for number in range(40)]
    for name in names:
        counter.call(id=name)
    counter.rig.spin_until(lambda: len(counter.asked) == len(names))
    assert [question.id for question, _ in counter.asked] == names


def test_a_request_that_cannot_be_taken_keeps_no_other_from_its_answer(counter: Counter) -> None:
    counter.rig.spin_until(counter.client.service_is_ready)
    service = counter.service._service
    failing = FailingHandle(service.handle)
    counter.service._service = SimpleNamespace(handle=failing, send_response=service.send_response)
    names = [f'{number}' for number in range(10)]
    calls = [counter.call(id=name) for name in names]
    counter.rig.spin_until(lambda: len(counter.asked) == len(names))
    assert failing.takings > 3
    for question, outcome in counter.asked:
        outcome.set_result(answer_to(question))
    assert [counter.response(call).grounding.id for call in calls] == names


@pytest.mark.parametrize(
    ('error', 'status', 'message'),
    [
        (RefusedError(Status.BUSY, 'too many'), GroundingMessage.STATUS_BUSY, 'too many'),
        (InvalidRequestError('no'), GroundingMessage.STATUS_INVALID_REQUEST, 'no'),
        (OSError('disk'), GroundingMessage.STATUS_MODEL_ERROR, 'internal error: OSError: disk'),
    ],
)
@pytest.mark.parametrize('at_once', [True, False])
def test_an_error_is_a_response(
    counter: Counter, error: Exception, status: int, message: str, at_once: bool
) -> None:
    if at_once:
        counter.refusal = error
    call = counter.call(id='mine')
    if not at_once:
        counter.rig.spin_until(lambda: counter.asked)
        counter.asked[0][1].set_exception(error)
    response = counter.response(call)
    assert not response.success
    assert response.grounding.status == status
    assert response.grounding.status_message == message
    assert (response.grounding.id, response.grounding.query) == ('mine', 'the mug')


@pytest.mark.parametrize('fields', [{}, {'task': 99}, {'newer_than': Time(nanosec=2**31)}])
def test_a_refusal_has_an_id_though_the_caller_gave_none(counter: Counter, fields: dict) -> None:
    counter.refusal = RefusedError(Status.NO_IMAGE, 'none has come')
    first, second = (counter.response(counter.call(**fields)).grounding for _ in range(2))
    assert first.id
    assert first.id != second.id
    assert first.status_message == second.status_message != ''


def test_a_refused_query_is_not_sent_back_at_full_length(counter: Counter) -> None:
    response = counter.response(counter.call(query='x' * 100_000))
    assert '100000 characters' in response.grounding.status_message
    assert len(response.grounding.query) == 1000


@pytest.mark.parametrize(
    'fields', [{'task': Task.IDENTIFY.value, 'query': ''}, {'task': Task.DESCRIBE.value}]
)
def test_what_nobody_can_answer_is_refused_before_anything_else(
    counter: Counter, fields: dict
) -> None:
    response = counter.response(counter.call(**fields))
    assert response.grounding.status == GroundingMessage.STATUS_INVALID_REQUEST
    assert not counter.asked
    assert counter.failures.tally == {Status.INVALID_REQUEST: 1}


def test_it_works_in_a_multi_threaded_executor(counter: Counter) -> None:
    rig = counter.rig
    executor = MultiThreadedExecutor(num_threads=2, context=rig.context)
    rig.executor.remove_node(counter.node)
    executor.add_node(counter.node)
    spinning = threading.Thread(target=executor.spin, daemon=True)
    spinning.start()
    calls = [counter.call(id=str(number)) for number in range(20)]
    rig.spin_until(lambda: len(counter.asked) == 20)
    for question, future in counter.asked:
        future.set_result(answer_to(question))
    assert {counter.response(call).grounding.id for call in calls} == set(map(str, range(20)))
    executor.shutdown()
    spinning.join(30)
    assert not spinning.is_alive()


class Standing:
    """The service for the standing query, and what was set by it."""

    def __init__(self, rig) -> None:
        self.rig = rig
        node = rig.node('grounding')
        self.queries: list[tuple[GroundingRequest | None, float, str]] = []
        self.refusal: Exception | None = None
        StandingQueryService(node, self._set, Failures(node.get_logger()))
        client = rig.node('client')
        self.client = client.create_client(SetStandingQuery, '/grounding/set_standing_query')

    def call(self, **fields: object) -> SetStandingQuery.Response:
        self.rig.spin_until(self.client.service_is_ready)
        call = self.client.call_async(SetStandingQuery.Request(**fields))
        self.rig.spin_until(call.done)
        return call.result()

    def _set(self, request: GroundingRequest | None, rate_hz: float, camera: str) -> None:
        if self.refusal:
            raise self.refusal
        self.queries.append((request, rate_hz, camera))


def test_a_standing_query_is_set_and_stopped(rig) -> None:
    standing = Standing(rig)
    fields = {'enabled': True, 'task': 1, 'query': 'the mug', 'min_score': 0.3}
    region = RegionOfInterest(x_offset=1, y_offset=2, width=3, height=4)
    response = standing.call(rate_hz=2.5, region=region, camera='*', **fields)
    assert response.success
    assert response.message == "LOCATE 'the mug' at most 2.5 times a second of all cameras"
    assert standing.call().message == 'stopped'
    expected = GroundingRequest('the mug', Task.LOCATE, Region(1, 2, 3, 4), min_score=0.3)
    assert standing.queries == [(expected, 2.5, '*'), (None, 0.0, '')]


@pytest.mark.parametrize(
    ('fields', 'ignored'),
    [
        ({'query': 'the mug'}, 'query was ignored'),
        ({'task': 1, 'query': 'the mug', 'camera': 'x'}, 'task, query, camera were ignored'),
        ({'region': RegionOfInterest(width=1), 'rate_hz': -1.0}, 'region, rate_hz were ignored'),
    ],
)
def test_what_is_ignored_without_enabled_is_told(rig, fields: dict, ignored: str) -> None:
    standing = Standing(rig)
    response = standing.call(**fields)
    assert response.success
    assert response.message == (
        f'stopped; {ignored} because enabled is false: a standing query needs enabled: true'
    )
    assert standing.queries == [(None, 0.0, '')]


@pytest.mark.parametrize(
    ('fields', 'reason'),
    [
        ({'rate_hz': -1.0}, r'rate_hz must be within 0..1000, got -1'),
        ({'rate_hz': float('nan')}, 'got nan'),
        ({'task': 77}, 'no task 77'),
        ({'min_score': 2.0}, 'min_score'),
    ],
)
def test_a_bad_standing_query_is_refused(rig, fields: dict, reason: str) -> None:
    standing = Standing(rig)
    response = standing.call(enabled=True, query='the mug', **fields)
    assert not response.success
    assert reason in response.message
    assert not standing.queries


def test_an_unexpected_error_is_a_refusal(rig) -> None:
    standing = Standing(rig)
    standing.refusal = KeyError('oops')
    response = standing.call(enabled=True, query='the mug')
    assert not response.success
    assert "KeyError: 'oops'" in response.message
