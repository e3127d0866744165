# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions from service requests, messages from answers and refusals."""

from __future__ import annotations

from contextlib import suppress

from builtin_interfaces.msg import Duration, Time
from hypothesis import given
from hypothesis import strategies as st
from kosmos_ros_msgs.action import Ground as GroundAction
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, RegionOfInterest
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import ArrayPicture
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.ros.answering.question import (
    Answer,
    answer_to_ros,
    question_from_ros,
    refusal_to_ros,
    standing_from_ros,
)


def test_an_empty_request_asks_for_a_caption_of_the_first_camera() -> None:
    question = question_from_ros(Ground.Request())
    assert question.request == resolve(GroundingRequest())
    assert (question.camera, question.frame, question.newer_than_ns) == ('', None, 0)
    assert (question.max_age, question.timeout) == (0.0, 0.0)


def test_every_field_is_read() -> None:
    image = Image(width=1, height=1, encoding='mono8', step=1, data=[7])
    question = question_from_ros(
        Ground.Request(
            task=1,
            query='the mug',
            region=RegionOfInterest(x_offset=1, y_offset=2, width=3, height=4),
            camera='front',
            image=image,
            newer_than=Time(sec=1, nanosec=2),
            max_age=Duration(sec=1, nanosec=500_000_000),
            min_score=0.25,
            max_detections=3,
            max_looks=4,
            timeout=Duration(sec=2),
            id='mine',
        )
    )
    expected = GroundingRequest(
        'the mug',
        Task.LOCATE,
        Region(1, 2, 3, 4),
        min_score=0.25,
        max_detections=3,
        max_looks=4,
    )
    assert question.request == resolve(expected)
    assert (question.id, question.camera) == ('mine', 'front')
    assert question.frame.message is image
    assert question.newer_than_ns == 1_000_000_002
    assert (question.max_age, question.timeout) == (1.5, 2.0)


CHANGES = {
    'task': Task.ASK.value,
    'query': 'the mug',
    'region': RegionOfInterest(width=3, height=4),
    'camera': 'front',
    'image': Image(width=1, height=1, encoding='mono8', step=1, data=[7]),
    'newer_than': Time(sec=1),
    'nearest_to': Time(sec=1),
    'max_age': Duration(sec=1),
    'min_score': 0.25,
    'max_detections': 3,
    'alternatives': 2,
    'max_looks': 4,
    'timeout': Duration(sec=1),
    'id': 'mine',
    'rate_hz': 2.0,
}


@pytest.mark.parametrize('kind', [Ground.Request, GroundAction.Goal])
@pytest.mark.parametrize('field', Ground.Request.get_fields_and_field_types())
def test_no_field_of_a_question_is_overlooked(kind: type, field: str) -> None:
    given = {'id': 'one', 'query': 'the bowl'}
    plain = question_from_ros(kind(**given))
    assert question_from_ros(kind(**given)) == plain
    assert question_from_ros(kind(**given | {field: CHANGES[field]})) != plain


@pytest.mark.parametrize('field', SetStandingQuery.Request.get_fields_and_field_types())
def test_no_field_of_a_standing_query_is_overlooked(field: str) -> None:
    plain = standing_from_ros(SetStandingQuery.Request())
    if field != 'enabled':  # which says whether to read the others
        changed = SetStandingQuery.Request(**{field: CHANGES[field]})
        assert standing_from_ros(changed) != plain


def test_requests_without_an_id_get_different_ones() -> None:
    ids = {question_from_ros(Ground.Request()).id for _ in range(100)}
    assert len(ids) == 100
    assert all(ids)


@pytest.mark.parametrize(
    ('fields', 'complaint'),
    [
        ({'task': 12}, 'no task 12'),
        ({'region': RegionOfInterest(width=3)}, 'height > 0'),
        ({'image': Image(width=3)}, 'unknown or not a picture'),
        ({'image': Image(width=1, height=1, step=1, encoding='mono8')}, 'got 0'),
        ({'min_score': -1.0}, 'min_score'),
        ({'max_looks': 65}, r'max_looks must be within 0\.\.64, got 65'),
        ({'max_looks': 2**32 - 1}, 'max_looks'),
        ({'max_age': Duration(sec=-2)}, 'max_age'),
        ({'timeout': Duration(sec=-2)}, 'timeout'),
        ({'timeout': Duration(nanosec=2**32 - 1)}, r'timeout\.nanosec .* got 4294967295'),
        ({'max_age': Duration(nanosec=10**9)}, r'max_age\.nanosec'),
        ({'newer_than': Time(sec=2**31 - 1, nanosec=2**32 - 1)}, r'newer_than\.nanosec'),
        ({'newer_than': Time(sec=-1)}, 'newer_than must be 0 or more'),
        ({'nearest_to': Time(nanosec=10**9)}, r'nearest_to\.nanosec'),
        ({'nearest_to': Time(sec=-1)}, 'nearest_to must be 0 or more'),
        ({'task': 3}, 'IDENTIFY needs a region'),
        ({'task': 2, 'query': 'x'}, 'DESCRIBE takes no query'),
        ({'query': 'x' * 2000}, '2000 characters'),
    ],
)
def test_bad_fields_are_refused(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(InvalidRequestError, match=complaint):
        question_from_ros(Ground.Request(**fields))


def test_a_standing_query_has_a_rate() -> None:
    fields = {'query': 'the mug', 'task': 1, 'rate_hz': 0.5, 'min_score': 0.5}
    request = SetStandingQuery.Request(camera='wrist', **fields)
    expected = GroundingRequest('the mug', Task.LOCATE, min_score=0.5)
    assert standing_from_ros(request) == (expected, 0.5, 'wrist')


def test_the_message_of_an_answer_is_whole() -> None:
    answer = Answer(
        grounding=Grounding(Task.LOCATE, Status.NOT_FOUND, 4, 2, query='the mug'),
        id='mine',
        camera='front',
        header=Header(frame_id='lens'),
        picture=ArrayPicture(np.zeros((2, 4, 3), np.uint8)),
        image_age=1.5,
        region=None,
    )
    message = answer_to_ros(answer)
    assert (message.id, message.camera, message.header) == ('mine', 'front', answer.header)
    assert (message.status, message.query) == (Status.NOT_FOUND.value, 'the mug')
    assert message.image_age == Duration(sec=1, nanosec=500_000_000)


def refusal(status: Status = Status.BUSY, reason: str = 'later', **fields: object) -> Grounding:
    """Read a request, well or not, and refuse it."""
    request = Ground.Request(**fields)
    with suppress(InvalidRequestError):
        question_from_ros(request)
    return refusal_to_ros(request, status, reason)


def test_a_refusal_says_what_was_asked_and_why_not() -> None:
    message = refusal(task=2, query='x' * 5000, camera='front', id='mine')
    assert (message.status, message.status_message) == (Status.BUSY.value, 'later')
    assert (message.id, message.camera, message.task) == ('mine', 'front', 2)
    assert message.query == 'x' * 1000


@pytest.mark.parametrize(
    ('fields', 'task'),
    [
        ({}, Task.DESCRIBE),
        ({'query': ' brief '}, Task.DESCRIBE),
        ({'query': 'the mug'}, Task.LOCATE),
        ({'query': 'what is\ton the table?'}, Task.ASK),
        ({'query': 'pick up the mug'}, Task.INSTRUCT),
        ({'region': RegionOfInterest(width=2, height=2)}, Task.IDENTIFY),
        # What cannot be asked has a task all the same.
        ({'region': RegionOfInterest(width=2)}, Task.IDENTIFY),
        ({'query': 'the\x00mug'}, Task.LOCATE),
        ({'query': 'x' * 5000}, Task.LOCATE),
        ({'query': 'the mug', 'task': 4}, Task.ASK),
    ],
)
def test_a_refusal_says_which_task_it_would_have_been(fields: dict, task: Task) -> None:
    message = refusal(**fields)
    assert message.task == task.value


@given(st.text(), st.booleans())
def test_whatever_the_query_a_refusal_can_be_made(query: str, is_region: bool) -> None:
    region = RegionOfInterest(width=int(is_region))
    message = refusal(query=query, region=region)
    assert Task(message.task) is not Task.AUTO


def test_a_refusal_about_an_image_of_its_own_names_no_camera() -> None:
    assert refusal(camera='front', image=Image(width=1)).camera == ''
    sound = Image(width=1, height=1, encoding='mono8', step=1, data=[7])
    assert refusal(camera='front', image=sound).camera == ''


def test_a_number_that_is_no_task_comes_back() -> None:
    assert refusal(task=77).task == 77


def test_an_id_is_given_once() -> None:
    request = Ground.Request()
    made_up = question_from_ros(request).id
    assert refusal_to_ros(request, Status.BUSY, 'later').id == made_up


def test_the_image_of_a_request_is_held_by_its_question_alone() -> None:
    image = Image(width=1, height=1, encoding='mono8', step=1, data=[7])
    goal = GroundAction.Goal(image=image, task=3)
    with pytest.raises(InvalidRequestError):
        question_from_ros(goal)
    assert not goal.image.data
    question = question_from_ros(request := Ground.Request(image=image))
    assert question.frame.message is image
    assert not request.image.data


LONG = 'x' * 10_000_000


def test_long_texts_are_refused_and_not_repeated() -> None:
    encoded = Image(width=1, height=1, step=1, data=[7])
    for fields in (
        {'id': LONG},
        {'query': LONG},
        {'image': replaced(encoded, encoding=LONG)},
        {'image': replaced(encoded, encoding='mono8', header=Header(frame_id=LONG))},
    ):
        with pytest.raises(InvalidRequestError, match='10000000') as error:
            question_from_ros(request := Ground.Request(**fields))
        message = refusal_to_ros(request, Status.INVALID_REQUEST, str(error.value))
        assert len(serialize_message(message)) < 5000
    assert len(refusal(camera=LONG).camera) < 300


def replaced(message: Image, **fields: object) -> Image:
    """Return a copy of a message with other fields."""
    names = message.get_fields_and_field_types()
    return Image(**{name: getattr(message, name) for name in names} | fields)


@pytest.mark.parametrize(('sec', 'timeout'), [(3599, 3599.0), (3601, 3600.0), (2**31 - 1, 3600.0)])
def test_no_request_lasts_longer_than_an_hour(sec: int, timeout: float) -> None:
    assert question_from_ros(Ground.Request(timeout=Duration(sec=sec))).timeout == timeout
