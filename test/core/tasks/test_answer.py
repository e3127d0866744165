# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.answer``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.tasks.answer import (
    answer_in_boxes,
    answer_in_words,
    distinct_boxes,
    DUPLICATE_IOU,
    FoundPhrase,
    Limits,
)
from kosmos_ros.core.types import Box, ScoredBox, Status

LEFT, RIGHT = Box(0.0, 0.0, 0.4, 0.5), Box(0.6, 0.0, 1.0, 0.5)
ALMOST_LEFT = Box(0.0, 0.0, 0.41, 0.5)
OPEN = Limits(min_score=0.0, max_boxes=8)


def found(text: str, *boxes: ScoredBox, start: int = 0, existence: float = 0.9) -> FoundPhrase:
    """Make a phrase with its span."""
    return FoundPhrase(text, start, start + len(text), existence, boxes)


def test_the_best_box_comes_first_and_repetitions_go() -> None:
    boxes = (ScoredBox(LEFT, 0.5), ScoredBox(RIGHT, 0.7), ScoredBox(ALMOST_LEFT, 0.6))
    assert distinct_boxes(boxes) == (ScoredBox(RIGHT, 0.7), ScoredBox(ALMOST_LEFT, 0.6))


unit = st.floats(0.0, 1.0)


@st.composite
def scored_boxes(draw: st.DrawFn) -> ScoredBox:
    """Draw any box with any score."""
    x0, x1 = sorted((draw(unit), draw(unit)))
    y0, y1 = sorted((draw(unit), draw(unit)))
    return ScoredBox(Box(x0, y0, x1, y1), draw(unit))


@given(st.lists(scored_boxes(), max_size=8))
def test_distinct_boxes_differ_and_stand_for_all(boxes: list[ScoredBox]) -> None:
    kept = distinct_boxes(boxes)
    scores = [box.score for box in kept]
    assert scores == sorted(scores, reverse=True)
    for index, box in enumerate(kept):
        assert all(iou(box.box, other.box) <= DUPLICATE_IOU for other in kept[:index])
    for box in boxes:
        better = [other for other in kept if other.score >= box.score]
        assert box in kept or any(iou(box.box, other.box) > DUPLICATE_IOU for other in better)


def test_detections_know_their_phrase_and_rank() -> None:
    phrases = [
        found('cups', ScoredBox(LEFT, 0.5), ScoredBox(RIGHT, 0.8)),
        found('a ring', ScoredBox(LEFT, 0.6), start=6),
    ]
    answer = answer_in_boxes(phrases, 'cups; a ring', OPEN)
    assert answer.status is Status.FOUND
    assert answer.status_message == ''
    assert answer.detections == (
        ScoredBox(RIGHT, 0.8, 'cups', '0-0'),
        ScoredBox(LEFT, 0.5, 'cups', '0-1'),
        ScoredBox(LEFT, 0.6, 'a ring', '1-0'),
    )
    assert [phrase.detections for phrase in answer.phrases] == [(0, 1), (2,)]


def test_limits_are_those_of_each_phrase() -> None:
    phrases = [
        found('cups', ScoredBox(LEFT, 0.5), ScoredBox(RIGHT, 0.8)),
        found('a ring', ScoredBox(LEFT, 0.6), start=6),
    ]
    answer = answer_in_boxes(phrases, 'cups; a ring', Limits(min_score=0.0, max_boxes=1))
    assert [detection.id for detection in answer.detections] == ['0-0', '1-0']
    answer = answer_in_boxes(phrases, 'cups; a ring', Limits(min_score=0.7, max_boxes=8))
    assert [detection.id for detection in answer.detections] == ['0-0']
    assert answer.status_message == "'a ring' scores too low (best 0.60)"


def test_what_is_missing_is_named() -> None:
    phrases = [found('cups', ScoredBox(LEFT, 0.5)), found('a cat', start=6, existence=0.02)]
    answer = answer_in_boxes(phrases, 'cups; a cat', OPEN)
    assert answer.status is Status.FOUND
    assert answer.status_message == "'a cat' not found (existence 0.02)"


@pytest.mark.parametrize(
    ('boxes', 'status', 'message'),
    [
        ((), Status.NOT_FOUND, "'cups' not found (existence 0.90)"),
        (
            (ScoredBox(LEFT, 0.1), ScoredBox(RIGHT, 0.25)),
            Status.LOW_SCORE,
            'best score 0.25 of 2 boxes is below min_score 0.30',
        ),
        ((ScoredBox(LEFT, 0.3),), Status.FOUND, ''),
    ],
)
def test_a_request_for_boxes_fails_without_any(
    boxes: tuple[ScoredBox, ...], status: Status, message: str
) -> None:
    answer = answer_in_boxes([found('cups', *boxes)], 'cups', Limits(0.3, 8))
    assert (answer.status, answer.status_message) == (status, message)


def test_words_need_no_boxes() -> None:
    answer = answer_in_words([found('a cup')], 'a cup', Limits(0.3, 8))
    assert answer.status is Status.FOUND
    answer = answer_in_words([], 'yes', Limits(0.3, 8))
    assert (answer.status, answer.text) == (Status.FOUND, 'yes')


def test_words_whose_boxes_all_score_low_say_so() -> None:
    phrases = [found('a cup', ScoredBox(LEFT, 0.2))]
    answer = answer_in_words(phrases, 'a cup', Limits(0.3, 8))
    assert answer.status is Status.LOW_SCORE
    assert answer.status_message == 'best score 0.20 of 1 boxes is below min_score 0.30'
    assert (answer.text, answer.detections) == ('a cup', ())
