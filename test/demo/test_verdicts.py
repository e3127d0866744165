# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Verdicts are honest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kosmos_ros.core.types import Box, Grounding, Phrase, Region, Role, ScoredBox, Status, Task
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.truth import Truth, TruthObject
from kosmos_ros.demo.verdicts import judge


def answer(
    task: Task, *parts: str | tuple[str, Box | None, float], status: Status = Status.FOUND
) -> Grounding:
    """Make an answer of plain text and of phrases with a box and its score."""
    text, phrases, boxes = '', [], []
    for part in parts:
        words, box, score = (part, None, 0.0) if isinstance(part, str) else part
        start, text = len(text), text + words
        if isinstance(part, str):
            continue
        indices = (len(boxes),) if box else ()
        boxes += [ScoredBox(box, score, words)] if box else []
        phrases.append(Phrase(words, start, len(text), existence=score, detections=indices))
    return Grounding(
        task, status, 640, 480, text=text, phrases=tuple(phrases), detections=tuple(boxes)
    )


def shifted(box: Box, by: float) -> Box:
    return Box(box.x0 + by, box.y0, box.x1 + by, box.y1)


def test_locate_judges_each_phrase(mug: TruthObject, cube: TruthObject) -> None:
    question = DemoQuestion(Task.LOCATE, 'the red mug; the blue cube', targets=(mug, cube))
    found = answer(
        Task.LOCATE,
        ('the red mug', mug.box, 0.9),
        '; ',
        ('the blue cube', shifted(cube.box, 0.15), 0.8),
    )
    right, wrong = judge(question, found)
    assert (right.right, right.verdict, right.score) == (True, 'right', 0.9)
    assert right.iou == pytest.approx(1.0)
    assert right.answer == '128x144 at 64,96'
    assert (wrong.right, wrong.verdict) == (False, 'wrong place')
    assert wrong.iou == pytest.approx(1 / 7)


def test_locate_misses_what_it_does_not_find(mug: TruthObject) -> None:
    question = DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,))
    (verdict,) = judge(
        question, answer(Task.LOCATE, ('the red mug', None, 0.1), status=Status.NOT_FOUND)
    )
    assert (verdict.right, verdict.verdict, verdict.iou, verdict.score) == (
        False,
        'missed',
        0.0,
        0.1,
    )


def test_refusing_what_is_absent_is_right_and_finding_it_is_not(mug: TruthObject) -> None:
    question = DemoQuestion(Task.LOCATE, 'the pink ring', targets=(None,))
    (refused,) = judge(
        question, answer(Task.LOCATE, ('the pink ring', None, 0.02), status=Status.NOT_FOUND)
    )
    (found,) = judge(question, answer(Task.LOCATE, ('the pink ring', mug.box, 0.7)))
    assert (refused.right, refused.answer, refused.iou) == (True, 'not in the image', None)
    assert (found.right, found.verdict, found.iou) == (False, 'not there', None)


def test_of_several_boxes_the_best_counts(mug: TruthObject, cube: TruthObject) -> None:
    boxes = (ScoredBox(cube.box, 0.3), ScoredBox(mug.box, 0.6))
    phrase = Phrase('the red mug', 0, 11, existence=0.9, detections=(0, 1))
    found = Grounding(
        Task.LOCATE, Status.FOUND, 640, 480, text=phrase.text, phrases=(phrase,), detections=boxes
    )
    (verdict,) = judge(DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,)), found)
    assert (verdict.right, verdict.verdict) == (True, 'right, 1 extra')


def test_a_description_is_right_when_complete(truth: Truth) -> None:
    question = DemoQuestion(Task.DESCRIBE, '', targets=truth.objects)
    phrases = [(f'a {thing.name}', thing.box, 0.9) for thing in truth.objects]
    (complete,) = judge(question, answer(Task.DESCRIBE, 'An image of ', *phrases[:4]))
    assert (complete.right, complete.verdict) == (True, 'right')
    assert complete.iou == pytest.approx(1.0)

    (with_hidden,) = judge(question, answer(Task.DESCRIBE, *phrases))
    assert with_hidden.right, 'naming what is hardly seen is no mistake'

    (incomplete,) = judge(question, answer(Task.DESCRIBE, *phrases[:3]))
    assert (incomplete.right, incomplete.verdict) == (False, '3 of 4')


def test_a_description_must_not_invent_or_repeat(truth: Truth, mug: TruthObject) -> None:
    question = DemoQuestion(Task.DESCRIBE, '', targets=truth.objects)
    phrases = [(f'a {thing.name}', thing.box, 0.9) for thing in truth.nameable]
    (repeated,) = judge(question, answer(Task.DESCRIBE, *phrases, ('a red mug', mug.box, 0.9)))
    (invented,) = judge(question, answer(Task.DESCRIBE, *phrases, ('a red ring', mug.box, 0.9)))
    assert repeated.verdict == invented.verdict == '4 of 4, 1 wrong'
    assert not repeated.right


@pytest.mark.parametrize(
    ('text', 'right'),
    [
        ('a red mug', True),
        ('It is a red mug.', True),
        ('RED MUG', True),
        ('a red cube', False),
        ('a blue mug', False),
        ('a red and blue mug', False),
        ('a mug', False),
        ('', False),
    ],
)
def test_identify_needs_colour_and_shape_and_no_others(
    text: str, right: bool, mug: TruthObject
) -> None:
    question = DemoQuestion(Task.IDENTIFY, '', Region(1, 1, 9, 9), (mug,), 'red mug')
    (verdict,) = judge(question, answer(Task.IDENTIFY, text))
    assert verdict.right is right
    assert verdict.verdict == ('right' if right else 'wrong: red mug')


@pytest.mark.parametrize(
    ('expected', 'text', 'right'),
    [
        ('red', 'red.', True),
        ('red', 'The mug is red.', True),
        ('red', 'blue.', False),
        ('two', 'two.', True),
        ('two', 'three.', False),
        ('yes', 'Yes.', True),
        ('no', 'Yes.', False),
        ('no', '', False),
    ],
)
def test_questions_are_judged_by_their_words(expected: str, text: str, right: bool) -> None:
    question = DemoQuestion(Task.ASK, 'What?', answer=expected)
    (verdict,) = judge(question, answer(Task.ASK, text))
    assert verdict.right is right


def test_where_is_judged_by_the_box(mug: TruthObject, cube: TruthObject) -> None:
    question = DemoQuestion(Task.ASK, 'Where is the red mug?', targets=(mug,))
    (right,) = judge(question, answer(Task.ASK, ('the red mug', mug.box, 0.9), '.'))
    (wrong,) = judge(question, answer(Task.ASK, ('the red mug', cube.box, 0.9), '.'))
    (misnamed,) = judge(question, answer(Task.ASK, ('the red cup', mug.box, 0.9), '.'))
    (silent,) = judge(question, answer(Task.ASK, 'not in the image.'))
    assert (right.right, right.answer) == (True, 'the red mug.')
    assert (wrong.right, wrong.verdict) == (False, 'wrong place')
    assert (misnamed.right, misnamed.verdict) == (False, 'wrong name')
    assert (silent.right, silent.verdict, silent.answer) == (False, 'missed', 'not in the image.')


def test_no_answer_is_told_for_each_phrase(mug: TruthObject, cube: TruthObject) -> None:
    question = DemoQuestion(Task.LOCATE, 'the red mug; the blue cube', targets=(mug, cube))
    stale = replace(
        answer(Task.LOCATE, status=Status.STALE_IMAGE), status_message='the image is 9 s old'
    )
    for verdict in judge(question, stale):
        assert (verdict.right, verdict.verdict) == (False, 'no answer')
        assert verdict.answer == 'STALE_IMAGE: the image is 9 s old'


def instructed(*parts: tuple[Role, Box | None], status: Status = Status.FOUND) -> Grounding:
    boxes = [box for _, box in parts if box]
    phrases = [
        Phrase('x', 0, 1, role, 0.8, (boxes.index(box),) if box else ()) for role, box in parts
    ]
    found = tuple(ScoredBox(box, 0.9, 'x', f'{number}-0') for number, box in enumerate(boxes))
    return Grounding(
        Task.INSTRUCT, status, 640, 480, text='x', phrases=tuple(phrases), detections=found
    )


BOTH = (Role.TARGET, Role.DESTINATION)


def test_instruct_judges_each_object_and_its_position(mug: TruthObject, cube: TruthObject) -> None:
    mug, cube = (
        replace(thing, position=place)
        for thing, place in ((mug, (0.1, 0.2, 1.0)), (cube, (0.0, 0.0, 0.5)))
    )
    question = DemoQuestion(Task.INSTRUCT, 'put the mug ...', targets=(mug, cube), roles=BOTH)
    given = instructed((Role.TARGET, mug.box), (Role.DESTINATION, shifted(cube.box, 0.15)))
    positions = {'0-0': (0.1, 0.2, 1.02), '1-0': (0.0, 0.0, 0.5)}
    target, destination = judge(question, given, positions)
    assert (target.asked, target.right) == ('put the mug ...', True)
    assert target.answer.startswith('target: 128x144')
    assert target.centimetres == pytest.approx(2.0)
    assert (destination.asked, destination.right) == ('', False)
    assert destination.centimetres is None
    assert judge(question, given)[0].centimetres is None


def test_instruct_is_right_to_miss_what_is_not_there(cube: TruthObject) -> None:
    question = DemoQuestion(Task.INSTRUCT, 'put ...', targets=(None, cube), roles=BOTH)
    parts = ((Role.TARGET, None), (Role.DESTINATION, cube.box))
    target, destination = judge(question, instructed(*parts, status=Status.NOT_FOUND))
    assert (target.answer, target.right) == ('target: not in the image', True)
    assert destination.right


def test_other_objects_than_those_of_the_instruction_are_wrong(
    mug: TruthObject, cube: TruthObject
) -> None:
    question = DemoQuestion(Task.INSTRUCT, 'put ...', targets=(mug, cube), roles=BOTH)
    verdicts = judge(question, instructed((Role.TARGET, mug.box)))
    assert [verdict.right for verdict in verdicts] == [False, False]
