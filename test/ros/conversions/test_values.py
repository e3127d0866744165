# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Values of the core <-> messages."""

from __future__ import annotations

from dataclasses import fields, replace
import math

from builtin_interfaces.msg import Duration, Time
from hypothesis import given
from hypothesis import strategies as st
from kosmos_ros_msgs.msg import GroundedPhrase
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header
from vision_msgs.msg import Detection2D

from kosmos_ros.core.errors import InvalidRegionError, InvalidRequestError
from kosmos_ros.core.types import Box, Grounding, Phrase, Region, Role, ScoredBox, Status, Task
from kosmos_ros.ros.conversions.values import (
    detection_from_ros,
    detection_to_ros,
    duration_from_ros,
    duration_to_ros,
    grounding_from_ros,
    grounding_to_ros,
    phrase_from_ros,
    phrase_to_ros,
    probability_from_ros,
    region_from_ros,
    region_to_ros,
    requested_time_from_ros,
    task_from_ros,
)

WIDTH, HEIGHT = 640, 480

fractions = st.floats(0.0, 1.0)
boxes = st.tuples(fractions, fractions, fractions, fractions).map(
    lambda c: Box(min(c[0], c[1]), min(c[2], c[3]), max(c[0], c[1]), max(c[2], c[3]))
)


@pytest.mark.parametrize(
    ('enum', 'prefix', 'holders'),
    [
        (Task, 'TASK', [GroundingMessage, Ground.Request, SetStandingQuery.Request]),
        (Status, 'STATUS', [GroundingMessage]),
        (Role, 'ROLE', [GroundedPhrase]),
    ],
)
def test_messages_and_core_number_alike(enum: type, prefix: str, holders: list[type]) -> None:
    for holder in holders:
        for member in enum:
            assert getattr(holder, f'{prefix}_{member.name}') == member.value


@given(boxes)
def test_detections_round_trip(box: Box) -> None:
    found = ScoredBox(box, score=0.75, label='the red cube', id='0')
    message = detection_to_ros(found, WIDTH, HEIGHT, Header())
    back = detection_from_ros(message, WIDTH, HEIGHT)
    assert (back.score, back.label, back.id) == (0.75, 'the red cube', '0')
    for corner in ('x0', 'y0', 'x1', 'y1'):
        assert getattr(back.box, corner) == pytest.approx(getattr(box, corner), abs=1e-9)


def test_detections_are_in_pixels_and_carry_the_header_of_the_image() -> None:
    header = Header(frame_id='camera')
    found = ScoredBox(Box(0.25, 0.5, 0.75, 1.0), score=0.5, label='mug')
    message = detection_to_ros(found, WIDTH, HEIGHT, header)
    assert message.header == header
    centre = message.bbox.center.position
    assert (centre.x, centre.y) == (320.0, 360.0)
    assert (message.bbox.size_x, message.bbox.size_y) == (320.0, 240.0)
    assert message.results[0].hypothesis.class_id == 'mug'
    assert message.results[0].hypothesis.score == 0.5


def test_a_detection_without_a_result_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match='got none'):
        detection_from_ros(Detection2D(), WIDTH, HEIGHT)


def an_answer() -> Grounding:
    text = 'A müg 🍵 on it'
    return Grounding(
        task=Task.DESCRIBE,
        status=Status.FOUND,
        image_width=WIDTH,
        image_height=HEIGHT,
        query='brief',
        status_message='fine',
        prompt='<grounding> An image of',
        text=text,
        phrases=(
            Phrase(
                'A müg 🍵',
                0,
                7,
                Role.TARGET,
                existence=0.5,
                detections=(0, 1),
                alternatives=(ScoredBox(Box(0.25, 0.0, 0.5, 0.25), 0.25, 'A müg 🍵', '2'),),
            ),
            Phrase('it', 11, 13),
        ),
        detections=(
            ScoredBox(Box(0.0, 0.0, 0.5, 0.5), 0.9, 'A müg 🍵', '0'),
            ScoredBox(Box(0.5, 0.5, 1.0, 1.0), 0.8, 'A müg 🍵', '1'),
        ),
        model='scripted',
        calibrated=True,
        inference_time=0.125,
        looks=(Region(0, 0, WIDTH, HEIGHT), Region(1, 2, 3, 4)),
        looks_wanted=5,
    )


def test_answers_round_trip_over_the_wire() -> None:
    grounding = an_answer()
    header = Header(frame_id='camera', stamp=Time(sec=7))
    message = grounding_to_ros(grounding, header, id='7', camera='front', image_age=1.5)
    message = deserialize_message(serialize_message(message), GroundingMessage)
    assert grounding_from_ros(message, WIDTH, HEIGHT) == grounding
    assert (message.id, message.camera, message.header) == ('7', 'front', header)
    assert message.image_age == Duration(sec=1, nanosec=500_000_000)
    assert (message.carried, message.answered_stamp) == (False, header.stamp)
    assert message.detections.header == header
    assert message.phrases[0].alternatives[0].header == header
    assert message.looks == len(message.look_regions) == 2


def test_no_field_of_an_answer_can_be_left_out_of_the_message_unnoticed() -> None:
    answer = an_answer()
    # Not in the message: the image has its size, and what was malformed is the log's.
    assert _at_defaults(answer) == ['dropped']
    phrase, (alternative,) = answer.phrases[0], answer.phrases[0].alternatives
    assert _at_defaults(phrase) == _at_defaults(alternative) == []


def _at_defaults(value: object) -> list[str]:
    return [field.name for field in fields(value) if getattr(value, field.name) == field.default]


@given(fractions, st.sampled_from(Role))
def test_phrases_round_trip(existence: float, role: Role) -> None:
    phrase = Phrase('mug', 2, 5, role, existence, (3,))
    message = phrase_to_ros(phrase, WIDTH, HEIGHT, Header())
    back = phrase_from_ros(message, WIDTH, HEIGHT)
    assert back.existence == pytest.approx(existence, abs=1e-6)
    assert replace(back, existence=existence) == phrase


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_regions_round_trip(x: int, y: int) -> None:
    region = Region(x, y, 3, 4)
    assert region_from_ros(region_to_ros(region)) == region


def test_an_all_zero_region_is_none_and_an_empty_one_is_refused() -> None:
    assert region_from_ros(region_to_ros(None)) is None
    with pytest.raises(InvalidRegionError, match='width=0'):
        region_from_ros(RegionOfInterest(x_offset=3))


@given(st.floats(0.0, 1e6))
def test_durations_round_trip_to_the_nanosecond(seconds: float) -> None:
    assert duration_from_ros('timeout', duration_to_ros(seconds)) == pytest.approx(
        seconds, abs=1e-9, rel=1e-12
    )


def test_durations_that_no_message_can_hold_are_cut() -> None:
    assert duration_to_ros(1e12).sec == 2**31 - 1
    assert duration_to_ros(-1e12).sec == -(2**31 - 1)


def test_a_negative_duration_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidRequestError, match=r'max_age must be 0 or more, got -0\.5 s'):
        duration_from_ros('max_age', Duration(sec=-1, nanosec=500_000_000))


TOO_MANY = (
    r'\.nanosec must be within 0\.\.999999999, got 1000000000: whole seconds belong into sec'
)


def test_times_and_durations_of_requests_are_checked_and_named() -> None:
    assert requested_time_from_ros('newer_than', Time(sec=5, nanosec=999_999_999)) == 5_999_999_999
    with pytest.raises(InvalidRequestError, match=f'newer_than{TOO_MANY}'):
        requested_time_from_ros('newer_than', Time(sec=2**31 - 1, nanosec=1_000_000_000))
    with pytest.raises(InvalidRequestError, match='nearest_to must be 0 or more, got -5 s'):
        requested_time_from_ros('nearest_to', Time(sec=-5, nanosec=1))
    with pytest.raises(InvalidRequestError, match=f'timeout{TOO_MANY}'):
        duration_from_ros('timeout', Duration(sec=1, nanosec=1_000_000_000))


def test_an_unknown_task_is_refused_with_the_known_ones() -> None:
    assert task_from_ros(1) is Task.LOCATE
    with pytest.raises(InvalidRequestError, match='no task 99, only 0 AUTO, 1 LOCATE'):
        task_from_ros(99)


@pytest.mark.parametrize('value', [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(InvalidRequestError, match=r'min_score must be within 0\.\.1'):
        probability_from_ros('min_score', value)


def test_a_probability_of_32_bits_is_rounded_back() -> None:
    assert probability_from_ros('min_score', Ground.Request(min_score=0.3).min_score) == 0.3
