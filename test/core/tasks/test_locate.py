# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.locate``, alone and through the grounder with a scripted model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, NOTHING, ScriptedBackend
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.language.auto_task import named_objects
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.model.backend import Located, LocateQuery, StopCheck
from kosmos_ros.core.tasks.locate import asked_for, taken_apart, Wanted
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Status, Task

IMAGE = np.zeros((480, 640, 3), np.uint8)
WEST, MIDDLE, EAST = Box(0.1, 0.4, 0.2, 0.6), Box(0.4, 0.4, 0.5, 0.6), Box(0.8, 0.4, 0.9, 0.6)
FAR = Box(0.03, 0.1, 0.17, 0.2)
QUERY = 'the mug left of the blue box'
THERE = {
    'the mug': located('the mug', EAST, WEST, FAR),
    'the blue box': located('the blue box', MIDDLE, existence=0.89),
    QUERY: located(QUERY, EAST),
}


def ground(
    query: str, script: dict[str, Located], by_boxes: bool = True, **options: int
) -> Grounding:
    grounder = Grounder(ScriptedBackend(script), GrounderSettings(relations_by_boxes=by_boxes))
    return grounder.ground(IMAGE, GroundingRequest(query, Task.LOCATE, **options))


def related(phrase: str) -> ObjectPhrase | None:
    names = named_objects(phrase)[1].names
    return taken_apart(names[0].phrase, relations_by_boxes=True) if len(names) == 1 else None


def boxes(answer: Grounding, phrase: int = 0) -> list[Box]:
    return [answer.detections[index].box for index in answer.phrases[phrase].detections]


@pytest.mark.parametrize(
    'phrase',
    [
        QUERY,
        'the star behind the green cone',
        'the red mug to the right of the small box',
        'the mugs in front of the plate',
        'the cup behind the box left of the plate',
    ],
)
def test_a_side_of_another_object_is_decided_by_boxes(phrase: str) -> None:
    part = related(phrase)
    assert part is not None
    assert part.asked == phrase
    asked = asked_for([Wanted(phrase, phrase, part)])
    assert asked[0] == phrase
    assert part.head in asked
    assert {one.head for one in part.references} <= set(asked)
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    'phrase',
    [
        'the red mug',
        'the leftmost mug',
        'the mug on the left',
        'the mug on the plate',
        'the mug next to the plate',
        'the mug left of the table',
        'a person riding a horse behind the fence',
        'put the mug left of the box',
        'left of the box',
        '',
        '<grounding> left of left of',
    ],
)
def test_anything_else_is_left_to_the_model(phrase: str) -> None:
    assert related(phrase) is None


def test_all_that_are_on_that_side_are_found() -> None:
    answer = ground(QUERY, THERE)
    assert answer.status is Status.FOUND
    assert boxes(answer) == [WEST, FAR]
    assert answer.phrases[0].text == QUERY
    assert answer.phrases[0].existence == pytest.approx(0.89)  # of what is least sure


def test_the_model_may_be_left_alone() -> None:
    backend = ScriptedBackend(THERE)
    grounder = Grounder(backend, GrounderSettings(relations_by_boxes=False))
    assert boxes(grounder.ground(IMAGE, GroundingRequest(QUERY, Task.LOCATE))) == [EAST]
    assert backend.calls.located == [(QUERY,)]


def test_other_phrases_of_the_query_keep_their_answers() -> None:
    answer = ground(f'the blue box; {QUERY}; the fork', THERE)
    assert boxes(answer, 0) == [MIDDLE]
    assert boxes(answer, 1) == [WEST, FAR]
    assert boxes(answer, 2) == []
    assert [answer.text[one.start : one.end] for one in answer.phrases] == [
        'the blue box',
        QUERY,
        'the fork',
    ]


def test_all_parts_are_asked_in_one_call() -> None:
    backend = ScriptedBackend(THERE)
    Grounder(backend).ground(IMAGE, GroundingRequest(QUERY, Task.LOCATE, max_looks=1))
    assert backend.calls.located == [(QUERY, 'the mug', 'the blue box')]


def test_without_the_other_thing_nothing_is_found() -> None:
    answer = ground(QUERY, {**THERE, 'the blue box': located('the blue box', existence=0.1)})
    assert answer.status is Status.NOT_FOUND
    assert answer.phrases[0].existence == pytest.approx(0.1)


def test_nothing_on_that_side_is_not_found() -> None:
    answer = ground(QUERY, {**THERE, 'the mug': located('the mug', EAST)})
    assert answer.status is Status.NOT_FOUND
    assert answer.status_message == f'{QUERY!r} not found (no mug is left of the blue box)'


def test_other_places_are_not_those_that_were_chosen() -> None:
    other = located(QUERY, EAST, MIDDLE).boxes
    whole = replace(located(QUERY, EAST), alternatives=(*located(QUERY, WEST).boxes, *other))
    found = ground(QUERY, {**THERE, QUERY: whole}, alternatives=3)
    assert boxes(found) == [WEST, FAR]
    assert [box.box for box in found.phrases[0].alternatives] == [EAST, MIDDLE]
    none = ground(QUERY, {**THERE, QUERY: whole, 'the mug': located('', EAST)}, alternatives=3)
    assert none.phrases[0].alternatives == ()


def test_what_is_too_much_for_one_call_is_left_to_the_model() -> None:
    backend = ScriptedBackend(THERE)
    grounder = Grounder(backend, GrounderSettings(max_phrases=2))
    assert boxes(grounder.ground(IMAGE, GroundingRequest(QUERY, Task.LOCATE))) == [EAST]
    assert backend.calls.located == [(QUERY,)]


def test_the_models_own_answer_counts_where_the_name_alone_finds_nothing() -> None:
    script = {**THERE, 'the mug': located('the mug', existence=0.2), QUERY: located(QUERY, WEST)}
    assert boxes(ground(QUERY, script)) == [WEST]


def test_one_box_asked_for_is_chosen_among_all() -> None:
    script = {**THERE, 'the mug': replace(THERE['the mug'], boxes=THERE['the mug'].boxes)}
    assert boxes(ground(QUERY, script, max_detections=1)) == [WEST]


class FarSighted(ScriptedBackend):
    """Finds what the script says in whole images, and nothing in parts of them."""

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        answers = super().locate(queries, max_boxes, should_stop, alternatives)
        return tuple(
            answer if query.frame.nbytes == TestInALargeImage.LARGE.nbytes else NOTHING
            for query, answer in zip(queries, answers, strict=True)
        )


class TestInALargeImage:
    """The model sees parts of it, and what depends on the rest is decided by boxes."""

    LARGE = np.zeros((1080, 1920, 3), np.uint8)

    def ground(
        self, query: str, script: dict[str, Located], max_looks: int = 0
    ) -> tuple[Grounding, ScriptedBackend]:
        backend = FarSighted(script)
        request = GroundingRequest(query, Task.LOCATE, max_looks=max_looks)
        return Grounder(backend).ground(self.LARGE, request), backend

    @pytest.mark.parametrize(
        ('query', 'expected'),
        [
            ('the leftmost mug', WEST),
            ('the right mug', EAST),
            ('the mug on the right', EAST),
            ('the mug next to the blue box', WEST),
        ],
    )
    def test_superlatives_and_relations(self, query: str, expected: Box) -> None:
        script = {
            one: located(one, EAST, WEST, existence=0.99) for one in ('the mugs', 'the mug')
        } | {'the blue box': located('the blue box', MIDDLE, existence=0.99)}
        answer, _ = self.ground(query, script)
        assert boxes(answer) == [expected]
        assert answer.phrases[0].text == query

    def test_with_one_look_they_are_left_to_the_model(self) -> None:
        _, backend = self.ground('the leftmost mug', {}, max_looks=1)
        assert backend.calls.located == [('the leftmost mug',)]

    def test_without_relations_by_boxes_they_are_left_to_a_look_at_the_whole(self) -> None:
        backend = FarSighted({})
        settings = GrounderSettings(relations_by_boxes=False)
        request = GroundingRequest('the leftmost mug', Task.LOCATE)
        Grounder(backend, settings).ground(self.LARGE, request)
        assert backend.calls.located == [('the leftmost mug',)]

    def test_an_expression_that_depends_on_the_rest_is_asked_of_the_whole_alone(self) -> None:
        small = located('the mug', Box(0.05, 0.1, 0.1, 0.15))
        _, backend = self.ground('the mug next to the blue box', {**THERE, 'the mug': small})
        first, *others = backend.calls.located
        assert 'the mug next to the blue box' in first
        assert others
        assert not any('the mug next to the blue box' in asked for asked in others)

    def test_the_table_is_everywhere(self) -> None:
        _, backend = self.ground('the mug on the table', {})
        assert len(backend.calls.located) > 1
        assert all('the mug on the table' in asked for asked in backend.calls.located)
