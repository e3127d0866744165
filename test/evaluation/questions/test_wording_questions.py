# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.questions.wording_questions``: who is meant by what is said."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Task
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.wording_questions import wording_cases, WORDINGS_OF_A_SCENE
from kosmos_ros.evaluation.questions.wordings import (
    COLOR_SYNONYMS,
    FAR_SIDE,
    PLURAL,
    RARE_COLORS,
    RARE_SHAPES,
    SHAPE_SYNONYMS,
    SIDE,
    WORDINGS,
)
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.vocabulary import COLORS, SHAPES

KINDS = {Kind.WORDING, Kind.WORDING_ABSENT, Kind.STRANGE}
POSITIONS = (SIDE.name, FAR_SIDE.name)
SAID = {word: {word} for word in (*COLORS, *SHAPES)}
for _table in (SHAPE_SYNONYMS, COLOR_SYNONYMS, RARE_SHAPES, RARE_COLORS):
    for _word, _others in _table.items():
        for _other in _others:
            SAID.setdefault(_other, set()).add(_word)


@pytest.fixture(scope='module')
def asked(frames: dict[int, RenderedFrame]) -> list[tuple[RenderedFrame, Case]]:
    """Ask about each frame by several seeds, so that every wording comes up."""
    return [
        (frame, case)
        for seed, frame in frames.items()
        for again in range(8)
        for case in wording_cases(frame, seed + 1000 * again)
    ]


def meant(case: Case) -> list[set[str]]:
    """Return what each word of a phrase that tells something stands for."""
    words = case.request.query.lower().replace('-', ' ').strip('?.').replace(',', '').split()
    singular = ['box' if word == 'boxes' else word for word in words]
    known = [word if word in SAID else word.removesuffix('s') for word in singular]
    return [SAID[word] for word in known if word in SAID]


def test_all_wordings_are_asked_in(asked: list[tuple[RenderedFrame, Case]]) -> None:
    assert {case.wording for _, case in asked} == {wording.name for wording in WORDINGS[1:]}
    assert {case.kind for _, case in asked} == KINDS
    assert all(case.request.task is Task.LOCATE for _, case in asked)


def test_a_scene_gets_few_questions_and_always_the_same(frames: dict[int, RenderedFrame]) -> None:
    for seed, frame in frames.items():
        cases = wording_cases(frame, seed)
        assert cases == wording_cases(frame, seed)
        assert 1 <= len(cases) <= 2 * WORDINGS_OF_A_SCENE + 1
        assert [case.kind for case in cases].count(Kind.STRANGE) == 1


def test_what_is_absent_is_asked_for_as_what_is_there(frames: dict[int, RenderedFrame]) -> None:
    for seed, frame in frames.items():
        cases = wording_cases(frame, seed)[:-1]
        for present, absent in zip(cases[::2], cases[1::2], strict=True):
            assert present.wording == absent.wording
            assert (present.kind, absent.kind) == (Kind.WORDING, Kind.WORDING_ABSENT)


def test_what_is_meant_is_all_that_fits(asked: list[tuple[RenderedFrame, Case]]) -> None:
    for frame, case in asked:
        if case.kind is Kind.STRANGE or case.wording in ('typo', *POSITIONS):
            continue
        said = meant(case)
        assert len(said) == (1 if case.wording == PLURAL.name else 2)
        fitting = [
            thing
            for thing in frame.objects
            if all(words & {thing.color, thing.shape} for words in said)
        ]
        assert {thing.box for thing in fitting} == {thing.box for thing in case.things}
        assert (len(fitting) > 1) == (case.wording == PLURAL.name and bool(case.things))


def test_sides_are_those_of_the_image(asked: list[tuple[RenderedFrame, Case]]) -> None:
    for frame, case in asked:
        if case.wording not in POSITIONS or not case.things:
            continue
        words = case.request.query.split()
        kind = words[1]
        same = [thing for thing in frame.objects if kind in ('thing', 'object', thing.shape)]
        assert len(same) == 2 or case.wording == FAR_SIDE.name
        sign = -1 if 'left' in words else 1
        furthest = max(same, key=lambda thing: sign * (thing.box.x0 + thing.box.x1))
        assert [thing.box for thing in case.things] == [furthest.box]


def test_absent_things_on_a_side_have_no_shape_there(
    asked: list[tuple[RenderedFrame, Case]],
) -> None:
    for frame, case in asked:
        if case.wording in POSITIONS and not case.things:
            assert case.request.query.split()[1] not in {thing.shape for thing in frame.objects}
