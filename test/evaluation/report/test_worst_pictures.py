# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.report.worst_pictures``."""

from __future__ import annotations

import numpy as np

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, Role, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.report.worst_pictures import answer_words, question_words, right_words

LEFT, RIGHT = Box(0, 0, 0.5, 0.5), Box(0.5, 0, 1, 0.5)
CUP, BOWL = NamedBox('red cup', LEFT), NamedBox('blue bowl', RIGHT)
BACKEND = ScriptedBackend(
    located={'the cup': located('', LEFT), 'the cups': located('', *([LEFT, RIGHT] * 4))},
    generated=lambda _: ' two.',
)


def words(case: Case) -> tuple[str, str, str]:
    """Return the question, what is right, and what a scripted model answers."""
    answer: Grounding = Grounder(BACKEND).ground(np.zeros((40, 60, 3), np.uint8), case.request)
    return question_words(case, answer), right_words(case), answer_words(case, answer)


def test_boxes() -> None:
    request = GroundingRequest('the cup', Task.LOCATE, Region(0, 0, 60, 40))
    assert words(Case(Kind.UNIQUE, request, (CUP,))) == (
        'LOCATE in 0,0,60,40 the cup',
        'red cup',
        'box 0.90; IoU 1.00',
    )


def test_nothing() -> None:
    request = GroundingRequest('the fork', Task.LOCATE)
    asked = ('LOCATE the fork', 'nothing', 'nothing (existence 0.00)')
    assert words(Case(Kind.ABSENT, request)) == asked


def test_words() -> None:
    request = GroundingRequest('how many cups are there?', Task.ASK)
    asked = ('ASK how many cups are there?', 'three', 'two.')
    assert words(Case(Kind.ASK_COUNT, request, text='three')) == asked


def test_parts_of_instructions() -> None:
    request = GroundingRequest('put the cup into the bowl', Task.INSTRUCT)
    case = Case(Kind.INSTRUCT, request, parts=((Role.TARGET, CUP), (Role.DESTINATION, None)))
    _, right, answered = words(case)
    assert right == 'target: red cup; destination: not there'
    assert answered == 'target: the cup 0.90'


def test_the_words_before_a_phrase_of_a_caption() -> None:
    request = GroundingRequest('the cup', Task.LOCATE)
    question, *_ = words(Case(Kind.PHRASE, request, (CUP,), before='A man with'))
    assert question == 'LOCATE A man with [the cup]'
