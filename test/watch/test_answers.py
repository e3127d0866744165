# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers as data: boxes in pixels, positions with their boxes, nothing that JSON lacks."""

from __future__ import annotations

import json
import math

from builtin_interfaces.msg import Duration, Time
from kosmos_ros_msgs.msg import GroundedPhrase, Grounding
from std_msgs.msg import Header
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    Detection3D,
    Detection3DArray,
    ObjectHypothesisWithPose,
)

from kosmos_ros.watch.answers import answer_as_data


def detection(label: str, score: float, identity: str) -> Detection2D:
    """Make a box from 10, 20 to 30, 60."""
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id, result.hypothesis.score = label, score
    made = Detection2D(results=[result], id=identity)
    made.bbox.center.position.x, made.bbox.center.position.y = 20.0, 40.0
    made.bbox.size_x, made.bbox.size_y = 20.0, 40.0
    return made


def answer() -> Grounding:
    """Make an answer with a position for its second box only."""
    space = Detection3D(id='b')
    space.bbox.center.position.x, space.bbox.center.position.z = 0.1, 0.7
    space.bbox.size.y = 0.05
    return Grounding(
        header=Header(stamp=Time(sec=1_700_000_000, nanosec=123_456_789), frame_id='optical'),
        task=Grounding.TASK_LOCATE,
        status=Grounding.STATUS_FOUND,
        query='the mug; the bowl',
        text='the mug; the bowl',
        camera='front',
        phrases=[
            GroundedPhrase(text='the mug', start=0, end=7, existence=0.75, detections=[0]),
            GroundedPhrase(
                text='the bowl',
                role=GroundedPhrase.ROLE_DESTINATION,
                detections=[1],
                alternatives=[detection('the bowl', 0.1, 'c')],
            ),
        ],
        detections=Detection2DArray(
            detections=[detection('the mug', 0.5, 'a'), detection('The  Bowl', math.nan, 'b')]
        ),
        detections_3d=Detection3DArray(header=Header(frame_id='world'), detections=[space]),
        status_3d=Grounding.STATUS_3D_PARTIAL,
        status_3d_message='the mug: no valid depth',
        image_age=Duration(nanosec=250_000_000),
        inference_time=Duration(sec=1, nanosec=500_000_000),
    )


def test_boxes_are_corners_and_know_their_positions() -> None:
    mug, bowl = answer_as_data(answer())['detections']
    assert mug['box'] == [10.0, 20.0, 30.0, 60.0]
    assert (mug['label'], mug['score'], mug['position']) == ('the mug', 0.5, None)
    assert bowl['position'] == {'x': 0.1, 'y': 0.0, 'z': 0.7, 'size': [0.0, 0.05, 0.0]}


def test_a_phrase_and_its_boxes_have_one_colour() -> None:
    data = answer_as_data(answer())
    mug, bowl = data['phrases']
    assert mug['color'] == data['detections'][0]['color']
    assert bowl['color'] == data['detections'][1]['color'] == bowl['alternatives'][0]['color']
    assert mug['color'] != bowl['color']
    assert (mug['role'], bowl['role']) == ('NONE', 'DESTINATION')


def test_everything_survives_json() -> None:
    data = answer_as_data(answer())
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data['detections'][1]['score'] is None
    assert data['stamp'] == '1700000000123456789'
    assert (data['image_age'], data['inference_time']) == (0.25, 1.5)
    assert data['space'] == {
        'status': 'PARTIAL',
        'message': 'the mug: no valid depth',
        'frame_id': 'world',
    }


def test_an_empty_answer_and_unknown_numbers() -> None:
    data = answer_as_data(Grounding(task=99, status=Grounding.STATUS_NO_IMAGE))
    assert (data['task'], data['status'], data['detections']) == ('99', 'NO_IMAGE', [])
    assert (data['stamp'], data['space']['status']) == ('0', 'NOT_CONFIGURED')


def test_a_detection_without_a_result() -> None:
    message = Grounding(detections=Detection2DArray(detections=[Detection2D()]))
    (box,) = answer_as_data(message)['detections']
    assert (box['label'], box['score']) == ('', None)
