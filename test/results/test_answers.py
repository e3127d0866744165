# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers as JSON: every field, in pixels, and the same from the core as from a message."""

from __future__ import annotations

from dataclasses import fields
import json
import math

import pytest

from kosmos_ros.core.types import Box, Grounding, Phrase, Region, Role, ScoredBox, Status, Task
from kosmos_ros.results.answers import answer_as_data, box_as_data, number

OTHER = ScoredBox(Box(0.0, 0.5, 1.0, 1.0), 0.125, 'a mug', '0-0-0')
FOUND = Grounding(
    task=Task.INSTRUCT,
    status=Status.FOUND,
    image_width=200,
    image_height=100,
    query='take a mug',
    status_message='one phrase has no box',
    prompt='<grounding> a mug',
    text='take a mug',
    phrases=(Phrase('a mug', 5, 10, Role.TARGET, 0.75, (0,), (OTHER,)),),
    detections=(ScoredBox(Box(0.1, 0.2, 0.5, 1 / 3), 0.123456789, 'a mug', '0-0'),),
    model='tabletop',
    calibrated=True,
    inference_time=0.123,
    dropped=2,
    looks=(Region(0, 0, 200, 100), Region(10, 20, 30, 40)),
    looks_wanted=3,
)
DATA = {
    'task': 'INSTRUCT',
    'status': 'FOUND',
    'image_width': 200,
    'image_height': 100,
    'query': 'take a mug',
    'status_message': 'one phrase has no box',
    'prompt': '<grounding> a mug',
    'text': 'take a mug',
    'phrases': [
        {
            'text': 'a mug',
            'start': 5,
            'end': 10,
            'role': 'TARGET',
            'existence': 0.75,
            'detections': [0],
            'alternatives': [
                {
                    'id': '0-0-0',
                    'label': 'a mug',
                    'score': 0.125,
                    'box': [0.0, 50.0, 200.0, 100.0],
                }
            ],
        }
    ],
    'detections': [
        {'id': '0-0', 'label': 'a mug', 'score': 0.123457, 'box': [20.0, 20.0, 100.0, 33.33]}
    ],
    'model': 'tabletop',
    'calibrated': True,
    'inference_time': 0.123,
    'dropped': 2,
    'looks': 2,
    'looks_wanted': 3,
    'look_regions': [[0, 0, 200, 100], [10, 20, 30, 40]],
}


def test_data_is_json_with_every_field() -> None:
    assert json.loads(json.dumps(answer_as_data(FOUND), allow_nan=False)) == DATA
    names = [field.name for field in fields(Grounding)]
    assert list(answer_as_data(FOUND)) == [*names, 'look_regions']


def test_fields_at_their_defaults_are_there_too() -> None:
    nothing = answer_as_data(Grounding(Task.LOCATE, Status.NOT_FOUND, 10, 10))
    assert nothing.keys() == DATA.keys()
    assert (nothing['phrases'], nothing['text'], nothing['dropped']) == ([], '', 0)


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
def test_what_json_cannot_hold_is_null(value: float) -> None:
    assert number(value) is None
    assert box_as_data('', '', value, (0.0, 1.0, value, 3.0))['box'] == [0.0, 1.0, None, 3.0]


def test_a_message_has_the_same_fields_and_values() -> None:
    header = pytest.importorskip('std_msgs.msg').Header()
    values = pytest.importorskip('kosmos_ros.ros.conversions.values')
    answers = pytest.importorskip('kosmos_ros.watch.answers')
    told = answers.answer_as_data(values.grounding_to_ros(FOUND, header))
    for name in DATA.keys() - {'image_width', 'image_height', 'dropped'}:
        # What the page shows besides has names of its own.
        assert _without_looks(told[name]) == DATA[name], name


def _without_looks(value: object) -> object:
    if isinstance(value, dict):
        shown = {name: item for name, item in value.items() if name not in ('color', 'position')}
        return {name: _without_looks(item) for name, item in shown.items()}
    return [_without_looks(item) for item in value] if isinstance(value, list) else value
