# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.selection``, alone and through the grounder with a scripted model."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, NOTHING, ScriptedBackend
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.language.words.quantities import Order
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.tasks.selection import in_order, without
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Role, ScoredBox, Status, Task

IMAGE = np.zeros((480, 640, 3), np.uint8)
WHITE, ORANGE = Box(0.1, 0.4, 0.2, 0.6), Box(0.4, 0.4, 0.55, 0.6)
BLUE = Box(0.7, 0.2, 0.9, 0.6)
ALL_OF_IT = Box(0.0, 0.0, 1.0, 1.0)
PLATES = {
    'the plates': located('the plates', ORANGE, WHITE, BLUE),
    'the white plate': located('the white plate', WHITE),
    'the blue plates': located('the blue plates', BLUE),
    'the orange plate': located('the orange plate', ORANGE),
}


def ground(
    query: str, script: dict[str, Located] | None = None, task: Task = Task.AUTO
) -> Grounding:
    backend = ScriptedBackend(PLATES if script is None else script)
    return Grounder(backend).ground(IMAGE, GroundingRequest(query, task))


def boxes(answer: Grounding) -> list[Box]:
    return [detection.box for detection in answer.detections]


def scored(*found: Box) -> list[ScoredBox]:
    return [ScoredBox(box, 0.9) for box in found]


@pytest.mark.parametrize(
    ('query', 'left'),
    [
        ("the plate which isn't white", [ORANGE, BLUE]),
        ('all plates except the white one', [ORANGE, BLUE]),
        ('the plates other than the white plate', [ORANGE, BLUE]),
        ('the non-white plates', [ORANGE, BLUE]),
        ('the plate, but not the white one', [ORANGE, BLUE]),
        ('the plates that are neither white nor blue', [ORANGE]),
        ('plates without a white plate', [ORANGE, WHITE, BLUE]),
    ],
)
def test_what_is_excluded_is_not_found(query: str, left: list[Box]) -> None:
    script = {**PLATES, 'plates': PLATES['the plates']}
    assert boxes(ground(query, script)) == left


def test_an_instruction_never_gets_what_it_excludes() -> None:
    answer = ground('pick up the plate that is not white and not blue')
    assert answer.task is Task.INSTRUCT
    assert [phrase.role for phrase in answer.phrases] == [Role.TARGET]
    assert boxes(answer) == [ORANGE]
    assert all(detection.box != WHITE for detection in answer.detections)


def test_only_what_is_excluded_is_there() -> None:
    answer = ground(
        'the plate that is not white', {**PLATES, 'the plates': located('the plates', WHITE)}
    )
    assert (answer.status, boxes(answer)) == (Status.NOT_FOUND, [])
    assert 'no plates but what is excluded' in answer.status_message
    assert answer.phrases[0].existence == 0.0


def test_a_box_that_holds_the_excluded_thing_is_out_too() -> None:
    assert without(scored(ALL_OF_IT, ORANGE), scored(WHITE)) == tuple(scored(ORANGE))
    script = {**PLATES, 'everything': located('everything', ALL_OF_IT)}
    assert boxes(ground('everything but the white plate', script)) == []


@pytest.mark.parametrize(
    ('query', 'message'),
    [
        ('not the white plate', 'says only what is not wanted'),
        ('anything but the white plate', 'says only what is not wanted'),
        ('pick up anything but the white plate', 'only forbids something'),
        ('do not touch the white plate', 'only forbids something'),
        ("the plate that hasn't a rim", 'not understood'),
        ("pick up the plate that hasn't got a rim", 'not understood'),
    ],
)
def test_what_cannot_be_excluded_is_refused(query: str, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        ground(query)


@pytest.mark.parametrize(
    ('query', 'found', 'message'),
    [
        ('both plates', 3, "2 asked for, 3 found of 'plates'"),
        ('the three plates', 3, ''),
        ('two plates', 2, "3 found of 'plates', the 2 likeliest are given"),
        ('4 plates', 3, "4 asked for, 3 found of 'plates'"),
        ('at least two plates', 3, ''),
        ('every plate', 3, ''),
        ('any plate', 1, ''),
    ],
)
def test_the_count_is_told_where_it_differs(query: str, found: int, message: str) -> None:
    script = {**PLATES, 'plates': PLATES['the plates']}
    answer = ground(query, script)
    assert (answer.status, len(answer.detections)) == (Status.FOUND, found)
    assert answer.status_message == message


@pytest.mark.parametrize(
    ('query', 'chosen'),
    [
        ('the second plate from the left', [ORANGE]),
        ('the first plate from the right', [BLUE]),
        ('the last plate from the left', [BLUE]),
        ('the first two plates from the left', [WHITE, ORANGE]),
        ('the two rightmost plates', [BLUE, ORANGE]),
        ('the second largest plate', [ORANGE]),
    ],
)
def test_the_place_in_a_row_is_counted(query: str, chosen: list[Box]) -> None:
    answer = ground(query)
    assert boxes(answer) == chosen
    assert answer.status_message == ''


def test_a_side_that_was_not_said_is_told() -> None:
    assert ground('the last plate in the row').status_message == (
        "'plates' was counted from the left"
    )


def test_there_are_not_so_many() -> None:
    answer = ground('the fourth plate from the left')
    assert (answer.status, boxes(answer)) == (Status.NOT_FOUND, [])
    assert "there are only 3 of 'plates'" in answer.status_message


def test_the_last_ones_come_from_the_far_end() -> None:
    row = scored(WHITE, ORANGE, BLUE)
    assert in_order(Order(-1, 'left', 2), row) == (row[2], row[1])
    assert in_order(Order(5, 'left'), row) == ()


def test_several_things_of_a_query_are_judged_each_for_itself() -> None:
    answer = ground(
        'the second plate from the left and the white plate; the plates but the white one'
    )
    assert [
        [answer.detections[index].box for index in phrase.detections] for phrase in answer.phrases
    ] == [[ORANGE], [WHITE], [ORANGE, BLUE]]


def test_one_stands_for_what_was_named_before() -> None:
    answer = ground("don't touch the white plate, take the orange one instead")
    assert (answer.task, boxes(answer)) == (Task.INSTRUCT, [ORANGE])
    assert answer.phrases[0].text == 'the orange one'


def test_what_the_first_look_missed_is_excluded_by_a_closer_one() -> None:
    """Let the model find only one of two white plates, the other only where it is alone."""
    calls: list[str] = []

    def look(phrase: str) -> Located:
        calls.append(phrase)
        if phrase == 'the plates':
            return located(phrase, WHITE, ORANGE)
        if phrase == 'the white plate' and calls.count(phrase) > 1:
            # In a square of twice its longer side around it, the second time that of ORANGE.
            return (
                located(phrase, Box(0.25, 0.25, 0.75, 0.75))
                if calls.count(phrase) == 3
                else NOTHING
            )
        return NOTHING

    backend = ScriptedBackend(look)
    answer = Grounder(backend).ground(IMAGE, GroundingRequest('the plates that are not white'))
    assert len(backend.calls.encoded) == 3
    assert boxes(answer) == [WHITE]
