# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.plain``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kosmos_ros.core.plain import from_plain, to_plain
from kosmos_ros.core.types import (
    Box,
    Grounding,
    GroundingRequest,
    Phrase,
    Region,
    Role,
    ScoredBox,
    Status,
    Task,
)
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox

THING = NamedBox('red cube', Box(0.0, 1 / 3, 0.5, 1.0))
FOUND = ScoredBox(Box(0.1, 0.2, 0.30000000000000004, 1), 0.7, 'the cube', '0-0')

VALUES = (
    Case(Kind.UNIQUE, GroundingRequest('the cube', Task.LOCATE), (THING,)),
    Case(Kind.IDENTIFY, GroundingRequest(region=Region(1, 2, 3, 4)), text='größer'),
    Case(
        Kind.INSTRUCT_ABSENT,
        GroundingRequest('put the cube into the bowl', Task.INSTRUCT),
        doubtful=(THING, THING),
        parts=((Role.TARGET, THING), (Role.DESTINATION, None)),
    ),
    Grounding(Task.LOCATE, Status.NOT_FOUND, 640, 480),
    Grounding(
        Task.LOCATE,
        Status.FOUND,
        640,
        480,
        text='the cube',
        phrases=(Phrase('the cube', 0, 8, Role.TARGET, 0.9, (0,), (FOUND,)),),
        detections=(FOUND,),
        inference_time=0.25,
    ),
)


@pytest.mark.parametrize('value', VALUES, ids=lambda value: type(value).__name__)
def test_what_is_read_back_equals_what_was_written(value: Any) -> None:
    assert from_plain(type(value), json.loads(json.dumps(to_plain(value)))) == value


def test_defaults_are_left_out_and_enums_are_names() -> None:
    assert to_plain(GroundingRequest('a cup', Task.ASK)) == {'query': 'a cup', 'task': 'ASK'}


def test_leaves_are_made_by_type_and_what_is_whole_has_its_defaults() -> None:
    data = to_plain(FOUND, {float: str}, whole=True)
    assert data['score'] == '0.7'
    assert to_plain(GroundingRequest(), whole=True)['region'] is None
    assert to_plain(GroundingRequest(), {Task: int}, whole=True)['task'] == 0


@pytest.mark.parametrize(
    'data',
    [
        {'box': {'x0': 0.5, 'y0': 0, 'x1': 0.1, 'y1': 1}, 'score': 1.0},
        {'box': {'x0': 0.1, 'y0': 0, 'x1': 0.5, 'y1': 1}},
        {'box': None, 'score': 1.0},
        {'width': 3},
        [],
    ],
)
def test_other_data_is_refused_by_type(data: Any) -> None:
    with pytest.raises(ValueError, match='data of a ScoredBox'):
        from_plain(ScoredBox, data)
