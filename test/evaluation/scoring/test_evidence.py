# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.evidence``."""

from __future__ import annotations

from kosmos_ros.core.model.calibration import SCALINGS
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Phrase, ScoredBox, Status, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.scoring.evidence import Evidence, Given, LOCATED, Score, SCORED

LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.8, 0.8)
NEARLY_LEFT = Box(0.1, 0.1, 0.3, 0.24)


def answer(*boxes: tuple[Box, float], text: str = 'the cube', existence: float = 0.7) -> Grounding:
    """Make an answer of one phrase."""
    return Grounding(
        Task.LOCATE,
        Status.FOUND,
        640,
        480,
        text=text,
        detections=tuple(ScoredBox(box, score) for box, score in boxes),
        phrases=(
            Phrase(text, 0, len(text), existence=existence, detections=(*range(len(boxes)),)),
        ),
    )


def case(
    kind: Kind, *things: NamedBox, text: str = '', doubtful: tuple[NamedBox, ...] = ()
) -> Case:
    return Case(kind, GroundingRequest('x'), things, text, doubtful)


def test_each_score_has_its_scaling() -> None:
    assert {score.value for score in Score} == set(SCALINGS)


def test_present_and_absent_phrases_are_counted() -> None:
    evidence = Evidence()
    for kind, things in ((Kind.CATEGORY, (NamedBox('mug', LEFT),)), (Kind.ABSENT, ())):
        evidence.add(case(kind, *things), answer())
    assert evidence.phrases() == {True: 1, False: 1}


def test_an_expression_is_right_if_it_names_the_category() -> None:
    evidence = Evidence()
    asked = case(Kind.LABEL, NamedBox('mug', LEFT), text='mug')
    for text in ('a red mug on a table', 'a red table with a mug'):
        evidence.add(asked, answer(text=text, existence=0.9))
    assert [one.right for one in evidence.given[Score.WORDS]] == [True, False]


def test_a_phrase_exists_if_there_is_something_to_box() -> None:
    evidence = Evidence()
    evidence.add(case(Kind.UNIQUE, NamedBox('red cube', LEFT)), answer((LEFT, 0.9)))
    evidence.add(case(Kind.ABSENT), answer(existence=0.2))
    assert evidence.given[Score.EXISTENCE] == [Given(0.7, right=True), Given(0.2, right=False)]


def test_each_thing_makes_one_box_right() -> None:
    evidence = Evidence()
    asked = case(Kind.SEVERAL, NamedBox('red cube', LEFT), NamedBox('red cube', RIGHT))
    evidence.add(asked, answer((NEARLY_LEFT, 0.6), (LEFT, 0.9), (RIGHT, 0.8)))
    assert evidence.given[Score.BOX] == [
        Given(0.6, right=False, existence=0.7),
        Given(0.9, right=True, existence=0.7),
        Given(0.8, right=True, existence=0.7),
    ]


def test_closer_looks_have_scores_of_their_own() -> None:
    evidence = Evidence()
    asked = case(Kind.UNIQUE, NamedBox('red cube', LEFT))
    evidence.add(asked, answer((LEFT, 0.9)), closer=True)
    evidence.add(case(Kind.ABSENT), answer(existence=0.2), closer=True)
    assert evidence.given[Score.CLOSER_EXISTENCE] == [Given(0.7, True), Given(0.2, False)]
    assert evidence.given[Score.CLOSER_BOX] == [Given(0.9, right=True, existence=0.7)]
    assert not evidence.given[Score.EXISTENCE]
    assert not evidence.given[Score.BOX]


def test_boxes_of_what_is_not_there_are_wrong() -> None:
    evidence = Evidence()
    evidence.add(case(Kind.UNKNOWN), answer((LEFT, 0.9), existence=0.1))
    assert evidence.given[Score.BOX] == [Given(0.9, right=False, existence=0.1)]
    assert len(evidence.judged(Score.BOX)) == 1
    assert len(evidence.judged(Score.BOX, lambda item: item.existence >= 0.5)) == 0


def test_a_box_in_a_text_needs_its_name() -> None:
    evidence = Evidence()
    asked = case(Kind.CAPTION, NamedBox('red cube', LEFT), doubtful=(NamedBox('blue mug', RIGHT),))
    evidence.add(asked, answer((LEFT, 0.9), text='a small red cube'))
    evidence.add(asked, answer((LEFT, 0.8), text='a red ball'))
    evidence.add(asked, answer((RIGHT, 0.7), text='a blue mug'))
    evidence.add(asked, answer((LEFT, 0.6), (NEARLY_LEFT, 0.5), text='a red cube'))
    judged = evidence.judged(Score.WRITTEN)
    assert judged.scores.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert judged.right.tolist() == [1, 0, 1, 1, 0]


def test_a_box_in_a_text_is_judged_where_the_labels_know_its_name() -> None:
    evidence = Evidence()
    asked = Case(
        Kind.WRITTEN,
        GroundingRequest('x'),
        (NamedBox('mug', LEFT), NamedBox('dog', RIGHT)),
        names=('mug', 'dog', 'cat'),
    )
    evidence.add(asked, answer((LEFT, 0.9), (NEARLY_LEFT, 0.5), text='a red mug'))
    evidence.add(asked, answer((LEFT, 0.8), text='a dog'))
    evidence.add(asked, answer((RIGHT, 0.7), text='a cat'))
    evidence.add(asked, answer((RIGHT, 0.6), text='an animal'))
    judged = evidence.judged(Score.WRITTEN)
    assert list(zip(judged.scores, judged.right, strict=True)) == [
        *((0.9, 1.0), (0.5, 0.0)),
        *((0.8, 0.0), (0.7, 0.0)),
    ]


def test_words_are_right_to_the_letter() -> None:
    evidence = Evidence()
    asked = case(Kind.IDENTIFY, text='red cube')
    evidence.add(asked, answer(text='a red cube', existence=0.9))
    evidence.add(asked, answer(text='a red box', existence=0.6))
    judged = evidence.judged(Score.WORDS)
    assert list(zip(judged.scores, judged.right, strict=True)) == [(0.9, 1.0), (0.6, 0.0)]


def test_other_questions_have_no_scores() -> None:
    evidence = Evidence()
    for kind in set(Kind) - SCORED:
        evidence.add(case(kind, NamedBox('red cube', LEFT)), answer((LEFT, 0.9)))
    assert not any(evidence.given.values())
    assert LOCATED < SCORED
