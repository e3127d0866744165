# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.instruct`` through the grounder, with a scripted model."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.views import ArrayPicture, View
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, Role, Status, Task

IMAGE = np.zeros((480, 640, 3), np.uint8)
WEST, MIDDLE, EAST = Box(0.1, 0.4, 0.2, 0.6), Box(0.4, 0.4, 0.5, 0.6), Box(0.8, 0.4, 0.9, 0.6)
BOWL = Box(0.55, 0.7, 0.7, 0.9)
SENTENCE = 'put the red mug left of the blue box into the bowl'
THERE = {
    'the red mug': located('the red mug', EAST, WEST),
    'the blue box': located('the blue box', MIDDLE),
    'the bowl': located('the bowl', BOWL),
}


def ground(
    text: str, script: dict[str, Located], task: Task = Task.AUTO, **options: object
) -> Grounding:
    return Grounder(ScriptedBackend(script)).ground(IMAGE, GroundingRequest(text, task, **options))


def boxes_of(answer: Grounding, role: Role) -> list[list[Box]]:
    return [
        [answer.detections[index].box for index in phrase.detections]
        for phrase in answer.phrases
        if phrase.role is role
    ]


def test_an_instruction_is_answered_with_roles() -> None:
    answer = ground(SENTENCE, THERE)
    assert (answer.task, answer.status, answer.text) == (Task.INSTRUCT, Status.FOUND, SENTENCE)
    assert boxes_of(answer, Role.TARGET) == [[WEST]]
    assert boxes_of(answer, Role.REFERENCE) == [[MIDDLE]]
    assert boxes_of(answer, Role.DESTINATION) == [[BOWL]]
    assert 'singled out by where the boxes are' in answer.status_message


def test_all_is_asked_in_one_call() -> None:
    backend = ScriptedBackend(THERE)
    Grounder(backend).ground(IMAGE, GroundingRequest(SENTENCE))
    assert backend.calls.located == [
        ('the red mug', 'the red mug left of the blue box', 'the blue box', 'the bowl')
    ]
    assert len(backend.calls.encoded) == 1


def test_what_is_not_there_is_named_and_the_rest_found() -> None:
    answer = ground('put the screwdriver into the bowl', THERE)
    assert answer.status is Status.NOT_FOUND
    assert answer.status_message == 'there is no screwdriver'
    assert boxes_of(answer, Role.TARGET) == [[]]
    assert boxes_of(answer, Role.DESTINATION) == [[BOWL]]


def test_without_its_reference_nothing_is_found() -> None:
    script = {key: value for key, value in THERE.items() if key != 'the blue box'}
    script['the red mug left of the blue box'] = located('', EAST)
    answer = ground(SENTENCE, script)
    assert answer.status is Status.NOT_FOUND
    assert answer.status_message == 'there is no blue box'
    assert boxes_of(answer, Role.TARGET) == [[]]


def test_nothing_in_the_relation() -> None:
    script = {**THERE, 'the red mug': located('', EAST)}
    answer = ground(SENTENCE, script)
    assert answer.status is Status.NOT_FOUND
    assert answer.status_message == 'no red mug is left of the blue box'


def test_the_whole_expression_helps_where_the_name_alone_finds_another() -> None:
    whole = 'the red mug left of the blue box'
    script = {**THERE, 'the red mug': located('', EAST), whole: located('', WEST)}
    answer = ground(SENTENCE, script)
    assert boxes_of(answer, Role.TARGET) == [[WEST]]
    assert answer.status_message == ''


@pytest.mark.parametrize(
    ('whole', 'found'),
    [
        (located('', MIDDLE), [MIDDLE]),  # the model says so, and the boxes touch
        (located('', EAST), [MIDDLE]),  # that one cannot be on it, this one may
        (Located(0.0, ()), [MIDDLE]),
    ],
)
def test_on_is_the_models_word_within_reason(whole: Located, found: list[Box]) -> None:
    script = {
        'the mug': located('', WEST, MIDDLE),
        'the plate': located('', Box(0.35, 0.5, 0.6, 0.7)),
        'the mug on the plate': whole,
    }
    answer = ground('pick up the mug on the plate', script)
    assert boxes_of(answer, Role.TARGET) == [found]


def test_a_relation_that_no_box_tells_needs_the_model() -> None:
    script = {'the mug': located('', WEST), 'the bowl': located('', BOWL)}
    answer = ground('pick up the mug opposite the bowl', script)
    assert answer.status_message == 'no mug is opposite the bowl'
    script['the mug opposite the bowl'] = located('', WEST)
    assert ground('pick up the mug opposite the bowl', script).status is Status.FOUND


def test_what_everything_stands_on_may_be_missing() -> None:
    script = {'the mug': located('', WEST), 'the mug on the table': located('', WEST)}
    answer = ground('pick up the mug on the table', script)
    assert (answer.status, answer.status_message) == (Status.FOUND, '')
    assert boxes_of(answer, Role.REFERENCE) == [[]]
    placed = ground('put the mug on the table', script)
    assert (placed.status, placed.status_message) == (Status.NOT_FOUND, 'there is no table')


def test_the_table_is_none_of_the_things_on_it() -> None:
    script = {'the mug': located('', WEST), 'the table': located('', EAST, WEST)}
    placed = ground('put the mug on the table', script)
    assert placed.status is Status.NOT_FOUND
    assert placed.status_message == 'the box of the table is that of an object on it'
    assert boxes_of(placed, Role.DESTINATION) == [[]]
    script['the table'] = located('', Box(0.0, 0.3, 1.0, 1.0))
    assert ground('put the mug on the table', script).status is Status.FOUND


def test_two_that_match_are_both_given_and_said() -> None:
    script = {'the mug': located('', WEST, EAST), 'the mugs': located('', WEST, EAST)}
    answer = ground('pick up the mug', script)
    assert boxes_of(answer, Role.TARGET) == [[WEST, EAST]]
    assert answer.status_message == "2 boxes match 'the mug', the first is the likeliest"
    assert ground('pick up the mugs', script).status_message == ''


def test_low_scores_are_told_from_missing_things() -> None:
    script = {**THERE, 'the bowl': located('', BOWL, score=0.3)}
    answer = ground('put the red mug into the bowl', script, min_score=0.5)
    assert answer.status is Status.LOW_SCORE
    assert "'the bowl' scores too low (best 0.30" in answer.status_message
    both = ground('put the screwdriver into the bowl', script, min_score=0.5)
    assert both.status is Status.NOT_FOUND


def test_a_limit_on_boxes_hides_none_from_the_relation() -> None:
    answer = ground(SENTENCE, THERE, max_detections=1)
    assert boxes_of(answer, Role.TARGET) == [[WEST]]


def test_nested_relations() -> None:
    script = {
        'the cube': located('', WEST, EAST),
        'the bowl': located('', BOWL, MIDDLE),
        'the bottle': located('', Box(0.3, 0.4, 0.39, 0.6)),
    }
    answer = ground('pick up the cube left of the bowl next to the bottle', script)
    assert boxes_of(answer, Role.TARGET) == [[WEST]]
    assert boxes_of(answer, Role.REFERENCE)[0] == [MIDDLE]


def test_only_a_region_is_searched() -> None:
    script = {'the mug': located('', Box(0.0, 0.0, 0.5, 0.5))}
    answer = ground('pick up the mug', script, region=Region(320, 240, 320, 240))
    assert boxes_of(answer, Role.TARGET) == [[Box(0.5, 0.5, 0.75, 0.75)]]


def test_too_many_expressions_are_refused() -> None:
    settings = GrounderSettings(max_phrases=3)
    with pytest.raises(InvalidRequestError, match=r'at most 3 expressions.*comes to 4'):
        Grounder(ScriptedBackend(), settings).ground(IMAGE, GroundingRequest(SENTENCE))


def test_several_views_go_through_the_model_together() -> None:
    backend = ScriptedBackend(THERE)
    views = [View(ArrayPicture(IMAGE)), View(ArrayPicture(IMAGE))]
    answers = Grounder(backend).ground_views(views, GroundingRequest(SENTENCE))
    assert [answer.status for answer in answers] == [Status.FOUND] * 2
    assert len(backend.calls.located) == 1
