# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions from service requests, messages from answers and refusals."""

from __future__ import annotations

from builtin_interfaces.msg import Duration, Time
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import numpy as np
import pytest
from sensor_msgs.msg import Image, RegionOfInterest
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.pictures import ArrayPicture
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.ros.questions import (
    Answer,
    answer_to_ros,
    question_from_ros,
    refusal_to_ros,
    standing_from_ros,
)


def test_an_empty_request_asks_for_a_caption_of_the_first_camera() -> None:
    question = question_from_ros(Ground.Request())
    assert question.request == GroundingRequest()
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
            timeout=Duration(sec=2),
            id='mine',
        )
    )
    assert question.request == GroundingRequest(
        'the mug', Task.LOCATE, Region(1, 2, 3, 4), min_score=0.25, max_detections=3
    )
    assert (question.id, question.camera) == ('mine', 'front')
    assert question.frame.message is image
    assert question.newer_than_ns == 1_000_000_002
    assert (question.max_age, question.timeout) == (1.5, 2.0)


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
        ({'max_age': Duration(sec=-2)}, 'max_age'),
        ({'timeout': Duration(sec=-2)}, 'timeout'),
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


def test_a_refusal_says_what_was_asked_and_why_not() -> None:
    request = Ground.Request(task=2, query='x' * 5000, camera='front', id='mine')
    message = refusal_to_ros(request, Status.BUSY, 'later')
    assert (message.status, message.status_message) == (Status.BUSY.value, 'later')
    assert (message.id, message.camera, message.task) == ('mine', 'front', 2)
    assert message.query == 'x' * 1000
