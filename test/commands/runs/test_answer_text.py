# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Answers as the commands print them.

Spans ``commands.runs.ground``.
"""

from dataclasses import replace

import pytest

from kosmos_ros.commands.runs.ground import answer_as_text
from kosmos_ros.core.types import Box, Grounding, Phrase, Region, Role, ScoredBox, Status, Task

FOUND = Grounding(
    task=Task.DESCRIBE,
    status=Status.FOUND,
    image_width=200,
    image_height=100,
    query='',
    status_message='one phrase has no box',
    prompt='<grounding> An image of',
    text='An image of a mug and a red cube',
    phrases=(Phrase('a mug', 12, 17, existence=0.75, detections=(0,)),),
    detections=(
        ScoredBox(Box(0.1, 0.2, 0.5, 0.6), 0.5, 'a mug', '0-0'),
        ScoredBox(Box(0.0, 0.0, 1.0, 1.0), 0.987, 'a red cube', '1-0'),
    ),
    model='tabletop',
    calibrated=True,
    inference_time=0.123,
)


def test_text_is_for_people() -> None:
    assert answer_as_text(FOUND).splitlines() == [
        'FOUND (DESCRIBE in 0.12 s with tabletop)',
        'one phrase has no box',
        'answer: An image of a mug and a red cube',
        '  a mug       score 0.50  box 20,20 .. 100,60',
        '  a red cube  score 0.99  box 0,0 .. 200,100',
    ]


ALTERNATIVES = Grounding(
    Task.LOCATE,
    Status.FOUND,
    200,
    100,
    text='mug',
    phrases=(
        Phrase('mug', 0, 3, Role.NONE, 0.9, (0,), (ScoredBox(Box(0, 0.5, 1, 1), 0.125, 'mug'),)),
    ),
    detections=(ScoredBox(Box(0, 0, 0.5, 0.5), 0.5, 'mug'),),
)


def test_roles_stand_before_the_objects_of_an_instruction() -> None:
    answer = Grounding(
        Task.INSTRUCT,
        Status.FOUND,
        200,
        100,
        text='put mug in box',
        phrases=(
            Phrase('mug', 4, 7, Role.TARGET, 0.9, (0,)),
            Phrase('box', 11, 14, Role.DESTINATION, 0.9, (1,)),
        ),
        detections=(
            ScoredBox(Box(0, 0, 0.5, 0.5), 0.5, 'mug'),
            ScoredBox(Box(0.5, 0.5, 1, 1), 0.5, 'box'),
        ),
    )
    assert answer_as_text(answer).splitlines()[1:] == [
        '  target: mug       score 0.50  box 0,0 .. 100,50',
        '  destination: box  score 0.50  box 100,50 .. 200,100',
    ]


def test_alternatives_are_listed_as_such() -> None:
    assert answer_as_text(ALTERNATIVES).splitlines()[1:] == [
        '  mug  score 0.50  box 0,0 .. 100,50',
        '  mug  score 0.12  box 0,50 .. 200,100  (alternative)',
    ]


def test_text_that_was_seen_is_not_repeated() -> None:
    assert 'answer' not in answer_as_text(FOUND, with_text=False)


def test_text_of_nothing_found_has_no_boxes() -> None:
    nothing = Grounding(Task.LOCATE, Status.NOT_FOUND, 10, 10, status_message="no 'mug'")
    assert answer_as_text(nothing).splitlines()[1:] == ["no 'mug'"]


def test_text_does_not_repeat_what_was_to_be_located() -> None:
    located = Grounding(Task.LOCATE, Status.FOUND, 10, 10, query='the mug', text='the mug')
    assert 'answer' not in answer_as_text(located)


@pytest.mark.parametrize(
    ('taken', 'wanted', 'line'),
    [
        (4, 4, ['4 looks']),
        (1, 3, ['1 look of 3 that could help; see --max-looks']),
        (1, 1, []),
    ],
)
def test_looks_are_told_where_there_were_or_could_be_several(
    taken: int, wanted: int, line: list[str]
) -> None:
    looks = (Region(0, 0, 200, 100),) * taken
    looked = replace(ALTERNATIVES, looks=looks, looks_wanted=wanted)
    found = answer_as_text(ALTERNATIVES).splitlines()
    assert answer_as_text(looked).splitlines() == [found[0], *line, *found[1:]]


def test_scores_that_are_not_calibrated_are_told() -> None:
    first, *_ = answer_as_text(replace(FOUND, calibrated=False)).splitlines()
    assert first == 'FOUND (DESCRIBE in 0.12 s with tabletop, scores not calibrated)'
