# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from random import Random

from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.questions.items import TraitedCase
from training.finetuning.lessons import lessons, locate, mirrored, MOST_BOXES
from training.texts.examples import BoxPart, Example

Ask = Callable[..., TraitedCase]
LEFT, RIGHT = (0.1, 0.2, 0.3, 0.4), (0.6, 0.5, 0.8, 0.9)


def located(examples: list[Example]) -> dict[str, Example]:
    """Return the LOCATE examples by their phrases."""
    return {
        str(one.prompt[2]).strip(): one for one in examples if one.prompt[-1] is Tag.PHRASE_END
    }


def test_what_is_absent_is_answered_by_nothing(ask: Ask) -> None:
    example = locate(Random(0), ask('bolt', kind=Kind.ABSENT).case)
    assert example.answer == ()
    assert example.prompt[:2] == (Tag.GROUNDING, Tag.PHRASE)
    assert 'bolt' in str(example.prompt[2])


def test_all_boxes_come_from_left_to_right(ask: Ask) -> None:
    example = locate(Random(0), ask('gasket', RIGHT, LEFT).case)
    assert example.answer == (
        Tag.OBJECT,
        BoxPart(*LEFT),
        Tag.DELIMITER,
        BoxPart(*RIGHT),
        Tag.OBJECT_END,
    )


def test_categories_are_asked_for_in_several_ways_and_expressions_in_one(ask: Ask) -> None:
    rng = Random(0)
    category, expression = (
        ask('gasket', LEFT).case,
        ask('big one', LEFT, kind=Kind.EXPRESSION).case,
    )
    forms = {locate(rng, category).prompt[2] for _ in range(50)}
    assert {' gasket', ' the gasket', ' a gasket'} <= forms
    assert {locate(rng, expression).prompt[2] for _ in range(50)} == {' big one'}


def test_as_many_absent_as_present_categories_are_asked_for(ask: Ask) -> None:
    absent = [ask(f'thing {number}', kind=Kind.ABSENT) for number in range(20)]
    made = located(lessons(Random(1), [ask('gasket', LEFT), *absent], 6, describe=False))
    assert len(made) == 2
    assert sum(not one.answer for one in made.values()) == 1
    alone = located(lessons(Random(1), absent, 6, describe=False))
    assert len(alone) == 1


def test_phrases_with_more_boxes_than_an_answer_has_are_left_out(ask: Ask) -> None:
    many = ask('nail', *[LEFT] * (MOST_BOXES + 1))
    assert lessons(Random(0), [many], 6, describe=True) == []


def test_a_box_is_identified_by_its_category(ask: Ask) -> None:
    (_, identify) = lessons(Random(0), [ask('axle', LEFT)], 1, describe=False)
    assert identify.prompt == (
        *(Tag.GROUNDING, Tag.PHRASE, ' It', Tag.PHRASE_END),
        *(Tag.OBJECT, BoxPart(*LEFT), Tag.OBJECT_END, ' is'),
    )
    assert identify.answer == (' an axle.',)


def test_captions_are_made_only_if_asked_for(ask: Ask) -> None:
    questions = [ask('gasket', LEFT), ask('bolt', RIGHT)]
    assert len(lessons(Random(0), questions, 6, describe=False)) == 3
    *_, caption = lessons(Random(0), questions, 6, describe=True)
    assert caption.prompt == (Tag.GROUNDING, ' An image of')
    words = ''.join(part for part in caption.answer if isinstance(part, str))
    assert words == ' a gasket and a bolt.'


def test_mirrored_questions_have_mirrored_boxes(ask: Ask) -> None:
    changed = mirrored([ask('gasket', LEFT)])
    assert changed is not None
    box = changed[0].case.things[0].box
    assert (box.x0, box.y0, box.x1, box.y1) == (0.7, 0.2, 0.9, 0.4)


def test_an_image_with_left_or_right_in_a_text_is_not_mirrored(ask: Ask) -> None:
    sides = [ask('gasket', LEFT), ask('Left one', LEFT, kind=Kind.EXPRESSION)]
    assert mirrored(sides) is None
