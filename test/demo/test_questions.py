# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions are about what is there, and their answers are true."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.types import Box, Task
from kosmos_ros.demo.questions import (
    DemoQuestion,
    describe,
    identify,
    instruct_two,
    locate_absent,
    locate_several,
    questions_about,
)
from kosmos_ros.demo.truth import Truth, TruthObject
from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES

_SPANS = st.tuples(st.integers(0, 90), st.integers(1, 10))
_OBJECTS = st.builds(
    lambda color, shape, x, y, nameable: TruthObject(
        color,
        shape,
        Box(x[0] / 100, y[0] / 100, (x[0] + x[1]) / 100, (y[0] + y[1]) / 100),
        nameable,
    ),
    st.sampled_from(list(COLORS)),
    st.sampled_from(SHAPES),
    _SPANS,
    _SPANS,
    st.booleans(),
)
_TRUTHS = st.builds(
    lambda objects: Truth(640, 480, tuple(objects)), st.lists(_OBJECTS, max_size=8)
)


def test_only_what_can_be_told_apart_is_askable(truth: Truth) -> None:
    assert [thing.name for thing in truth.askable] == ['red mug', 'blue cube']


def test_locate_asks_for_each_askable_object(truth: Truth) -> None:
    question = locate_several(truth, Random(0))
    assert question is not None
    assert question.query.split('; ') == [
        f'the {target.name}' for target in question.targets if target
    ]
    assert set(question.targets) == set(truth.askable)


def test_a_description_is_due_everything_and_identify_asks_for_a_box(truth: Truth) -> None:
    description, identity = describe(truth, Random(0)), identify(truth, Random(0))
    assert description is not None
    assert description.targets == truth.objects
    assert identity is not None
    assert identity.region is not None
    (target,) = identity.targets
    assert target is not None
    assert identity.answer == target.name


def test_nothing_is_asked_of_an_empty_table_but_what_is_not_there() -> None:
    empty = Truth(640, 480, ())
    assert locate_several(empty, Random(0)) is None
    assert describe(empty, Random(0)) is None
    assert [question.targets for question in questions_about(empty, Random(0))] == [(None,)]


def test_the_same_seed_asks_the_same(truth: Truth) -> None:
    assert questions_about(truth, Random(5)) == questions_about(truth, Random(5))


@given(_TRUTHS, st.integers(0, 1000))
def test_what_is_called_absent_is_absent(truth: Truth, seed: int) -> None:
    question = locate_absent(truth, Random(seed))
    assert question.query.removeprefix('the ') not in {thing.name for thing in truth.objects}


@given(_TRUTHS, st.integers(0, 1000))
def test_instructions_name_what_they_mean(truth: Truth, seed: int) -> None:
    for question in instruct_two(truth, Random(seed)):
        phrases = parse_instruction(question.query)
        assert tuple(phrase.role for phrase in phrases) == question.roles
        for phrase, target in zip(phrases, question.targets, strict=True):
            words = phrase.head.split()[1:]
            if target is None:
                assert not truth.matching(*words)
            else:
                assert words[-1] == target.shape


@given(_TRUTHS, st.integers(0, 1000))
def test_expected_answers_are_true(truth: Truth, seed: int) -> None:
    for question in questions_about(truth, Random(seed)):
        if question.task is Task.ASK:
            assert _is_true(question, truth), question


def test_targets_move_with_the_image(truth: Truth, mug: TruthObject) -> None:
    moved = replace(mug, box=Box(0.11, 0.2, 0.31, 0.5))
    later = Truth(640, 480, (moved, TruthObject('red', 'mug', Box(0.8, 0.8, 0.9, 0.9))))
    question = DemoQuestion(Task.LOCATE, 'the red mug; the blue cube', targets=(mug, None))
    assert question.seen_in(later).targets == (moved, None)


def _is_true(question: DemoQuestion, truth: Truth) -> bool:
    """Answer the question from the truth, by its wording."""
    query = question.query.rstrip('?')
    if query.startswith('Where'):
        return query.removeprefix('Where is the ') == _only(question).name
    if query.startswith('What color'):
        shape = query.split()[-1]
        return [thing.color for thing in truth.matching(shape=shape)] == [question.answer]
    if query.startswith('What is the'):
        color = query.split()[3]
        return [thing.shape for thing in truth.matching(color=color)] == [question.answer]
    if query.startswith('How many'):
        plural = query.split()[2]
        (shape,) = [shape for shape in SHAPES if plural in (shape + 's', shape + 'es')]
        return NUMBERS.index(question.answer) == len(truth.matching(shape=shape))
    color, shape = query.split()[3:5]
    return question.answer == ('yes' if truth.matching(color, shape) else 'no')


def _only(question: DemoQuestion) -> TruthObject:
    (target,) = question.targets
    assert target is not None
    return target
