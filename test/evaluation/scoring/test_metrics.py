# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.metrics``: right, half right and wrong answers."""

from __future__ import annotations

from collections.abc import Callable
import math

import pytest

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import (
    Box,
    Grounding,
    GroundingRequest,
    Phrase,
    Role,
    ScoredBox,
    Status,
    Task,
)
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.scoring.metrics import grade, matching, overlaps, said, score
from kosmos_ros.evaluation.scoring.tally import Figure, Tally, threshold_sweep

Asked = list[tuple[RgbImage, Case]]
LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.8, 0.8)
NEARLY_LEFT = Box(0.1, 0.1, 0.3, 0.24)  # IoU 0.7
NOWHERE = Box(0.4, 0.1, 0.5, 0.2)


def answer(text: str = '', *boxes: Box, phrases: tuple[str, ...] = ()) -> Grounding:
    """Make an answer whose phrases have one box each."""
    detections = tuple(ScoredBox(box, 0.9) for box in boxes)
    spans = [(text.index(phrase), phrase) for phrase in phrases]
    return Grounding(
        Task.LOCATE,
        Status.FOUND,
        640,
        480,
        text=text,
        detections=detections,
        phrases=tuple(
            Phrase(phrase, start, start + len(phrase), existence=0.8, detections=(i,))
            for i, (start, phrase) in enumerate(spans)
        ),
    )


def case(kind: Kind, *things: tuple[str, Box], text: str = '') -> Case:
    named = tuple(NamedBox(name, box) for name, box in things)
    return Case(kind, GroundingRequest('x'), named, text)


def values(asked: Case, given: Grounding) -> dict[str, float]:
    return {name: total / count for name, (total, count) in score(asked, given).items() if count}


def test_an_oracle_is_perfect(cases: Asked, oracle: Callable[..., Grounding]) -> None:
    tally = Tally()
    for image, asked in cases:
        tally.add(asked, oracle(image, asked))
    for kind, figures in tally.figures.items():
        for name, figure in figures.items():
            if kind in (Kind.CAPTION, Kind.ASK_WHERE):
                assert figure.value > 0.9, (kind, name)  # boxes of cells, without refinement
            else:
                assert figure.value == 1.0, (kind, name)


def test_knowing_nothing_is_worth_nothing(
    cases: Asked, unknowing: Callable[..., Grounding]
) -> None:
    tally = Tally()
    for image, asked in cases:
        if asked.kind is not Kind.EMPTY:
            tally.add(asked, unknowing(image, asked.request))
    for kind, figures in tally.figures.items():
        for name, figure in figures.items():
            if figure.count:
                assert figure.value == float(name == 'refused'), (kind, name)


def test_one_thing() -> None:
    asked = case(Kind.UNIQUE, ('red cube', LEFT))
    good = values(asked, answer('', NEARLY_LEFT))
    assert good['mean IoU'] == pytest.approx(0.7)
    assert (good['Acc@0.5'], good['Acc@0.75'], good['one box']) == (1, 0, 1)
    wrong = values(asked, answer('', RIGHT, LEFT))
    assert (wrong['Acc@0.5'], wrong['accepted'], wrong['one box']) == (0, 1, 0)


def test_several_things() -> None:
    asked = case(Kind.SEVERAL, ('red cube', LEFT), ('blue cube', RIGHT))
    assert values(asked, answer('', LEFT, NOWHERE, NEARLY_LEFT)) == {
        'F1': 0.4,
        'recall': 0.5,
        'precision': pytest.approx(1 / 3),
        'exact count': 0,
    }


def test_a_grade_is_the_first_figure() -> None:
    several = case(Kind.SEVERAL, ('red cube', LEFT), ('blue cube', RIGHT))
    assert grade(score(several, answer('', LEFT, NOWHERE, NEARLY_LEFT))) == pytest.approx(0.4)
    assert grade({'F1': (0, 0), 'exact count': (1, 1)}) == 1


def test_overlaps_are_those_of_the_first_box_or_of_the_best_pairs() -> None:
    one = case(Kind.UNIQUE, ('red cube', LEFT))
    assert overlaps(one, answer('', NOWHERE, LEFT)) == [0]
    assert overlaps(one, answer('')) == [0]
    assert overlaps(one, answer('', LEFT)) == pytest.approx([1])
    several = case(Kind.SEVERAL, ('blue cube', RIGHT), ('red cube', LEFT))
    assert overlaps(several, answer('', NEARLY_LEFT, LEFT)) == pytest.approx([0, 1])


def test_all_right_needs_all_and_no_more() -> None:
    asked = case(Kind.RELATION, ('red cube', LEFT), ('blue cube', RIGHT))
    assert values(asked, answer('', RIGHT, LEFT)) == {'all right': 1}
    assert values(asked, answer('', LEFT)) == {'all right': 0}
    assert values(asked, answer('', RIGHT, LEFT, NOWHERE)) == {'all right': 0}


@pytest.mark.parametrize(
    ('text', 'right'),
    [('a red cube', 1), ('Red cube.', 1), ('a red ball', 0), ('a big red cube', 0), ('', 0)],
)
def test_words(text: str, right: int) -> None:
    asked = case(Kind.IDENTIFY, text='red cube')
    assert values(asked, answer(text)) == {'exact': right}


def test_a_caption_needs_names_and_places() -> None:
    asked = case(Kind.CAPTION, ('red cube', LEFT), ('blue mug', RIGHT))
    phrases = ('a small red cube', 'a blue mug')
    text = 'a small red cube and a blue mug.'
    assert values(asked, answer(text, LEFT, RIGHT, phrases=phrases)) == {'F1': 1}
    assert values(asked, answer(text, LEFT, NOWHERE, phrases=phrases)) == {'F1': 0.5}
    swapped = values(asked, answer(text, RIGHT, LEFT, phrases=phrases))
    assert swapped == {'F1': 0}
    assert values(asked, answer(text)) == {'F1': 0}


@pytest.mark.parametrize(('text', 'right'), [('an empty table.', 1), ('a red cube.', 0)])
def test_an_empty_table(text: str, right: int) -> None:
    assert values(case(Kind.EMPTY), answer(text)) == {'exact': right}


def instructed(status: Status, target: Box | None, destination: Box | None) -> Grounding:
    boxes = [box for box in (target, destination) if box]
    phrases, text = [], 'a b'
    for role, box, start in ((Role.TARGET, target, 0), (Role.DESTINATION, destination, 2)):
        found = (boxes.index(box),) if box else ()
        phrases.append(Phrase(text[start], start, start + 1, role, detections=found))
    detections = tuple(ScoredBox(box, 0.9) for box in boxes)
    return Grounding(
        Task.INSTRUCT, status, 640, 480, text=text, phrases=tuple(phrases), detections=detections
    )


@pytest.mark.parametrize(
    ('given', 'figures'),
    [
        ((Status.FOUND, LEFT, RIGHT), {'all right': 1, 'target': 1, 'destination': 1}),
        ((Status.FOUND, NOWHERE, RIGHT), {'all right': 0, 'target': 0, 'destination': 1}),
        ((Status.NOT_FOUND, LEFT, None), {'all right': 0, 'target': 1, 'destination': 0}),
        ((Status.NOT_FOUND, LEFT, RIGHT), {'all right': 0, 'target': 1, 'destination': 1}),
    ],
)
def test_an_instruction_is_right_in_all_its_parts(
    given: tuple[Status, Box | None, Box | None], figures: dict[str, float]
) -> None:
    parts = (
        (Role.TARGET, NamedBox('red cube', LEFT)),
        (Role.DESTINATION, NamedBox('blue mug', RIGHT)),
    )
    asked = Case(Kind.INSTRUCT, GroundingRequest('x'), parts=parts)
    assert values(asked, instructed(*given)) == figures


@pytest.mark.parametrize(
    ('given', 'figures'),
    [
        ((Status.NOT_FOUND, None, RIGHT), {'all right': 1, 'destination': 1, 'refused': 1}),
        ((Status.FOUND, LEFT, RIGHT), {'all right': 0, 'destination': 1, 'refused': 0}),
    ],
)
def test_what_is_not_there_is_to_be_refused_alone(
    given: tuple[Status, Box | None, Box | None], figures: dict[str, float]
) -> None:
    parts = ((Role.TARGET, None), (Role.DESTINATION, NamedBox('blue mug', RIGHT)))
    asked = Case(Kind.INSTRUCT_ABSENT, GroundingRequest('x'), parts=parts)
    assert values(asked, instructed(*given)) == figures


def test_each_box_is_used_once() -> None:
    assert matching([LEFT, RIGHT], [LEFT, NEARLY_LEFT]) == {0: 0}
    assert len(matching([LEFT], [NEARLY_LEFT, LEFT, LEFT])) == 1
    assert matching([], [LEFT]) == {}


def test_articles_and_stops_are_no_part_of_what_is_said() -> None:
    assert [said(text) for text in (' An orange mug.', 'the mug', 'another mug')] == [
        'orange mug',
        'mug',
        'another mug',
    ]


def test_nothing_measured_is_no_number() -> None:
    assert math.isnan(Figure().value)
    assert math.isnan(Tally().value(Kind.UNIQUE, 'Acc@0.5'))


def test_thresholds_trade_acceptance_for_refusal() -> None:
    tally = Tally(present=[0.9, 0.7, 0.3], absent=[0.1, 0.6])
    rows = {row['threshold']: row for row in threshold_sweep(tally)}
    assert rows[0.05] == {'threshold': 0.05, 'present accepted': 1, 'absent refused': 0}
    assert rows[0.5]['present accepted'] == pytest.approx(2 / 3)
    assert rows[0.65]['absent refused'] == 1
