# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.questions.simulated``."""

from __future__ import annotations

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.types import Task
from kosmos_ros.evaluation.questions.askable import AskableObjects
from kosmos_ros.evaluation.questions.cases import Case, FROM_FOLDERS, Kind
from kosmos_ros.evaluation.questions.simulated import make_cases, UNKNOWN_THINGS
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame
from kosmos_ros.sim.vocabulary import NUMBERS
from training.texts.words import known_words, UNKNOWN_NOUNS

Asked = list[tuple[RgbImage, Case]]


def of_kind(cases: Asked, *kinds: Kind) -> list[Case]:
    return [case for _, case in cases if case.kind in kinds]


def test_all_kinds_are_asked(cases: Asked) -> None:
    elsewhere = {
        Kind.LABEL,
        Kind.WRITTEN,
        Kind.WORDING,
        Kind.WORDING_ABSENT,
        Kind.STRANGE,
        *FROM_FOLDERS,
    }
    assert {case.kind for _, case in cases} >= set(Kind) - {Kind.EMPTY} - elsewhere


def test_the_same_scene_gives_the_same_questions(frames: dict[int, RenderedFrame]) -> None:
    seed, frame = next(iter(frames.items()))
    assert make_cases(frame, seed) == make_cases(frame, seed)


def test_a_unique_thing_is_the_only_one_of_its_name(frames: dict[int, RenderedFrame]) -> None:
    for seed, frame in frames.items():
        for case in make_cases(frame, seed):
            if case.kind is Kind.UNIQUE:
                same = [t for t in frame.objects if f'the {t.name}' == case.request.query]
                assert len(same) == 1
                assert is_nameable(same[0])
                assert case.things[0].box == same[0].box


def test_absent_things_are_nowhere(frames: dict[int, RenderedFrame]) -> None:
    for seed, frame in frames.items():
        for case in make_cases(frame, seed):
            if case.kind in (Kind.ABSENT, Kind.UNKNOWN):
                assert not case.things
                assert case.request.query not in {f'the {thing.name}' for thing in frame.objects}


def test_unknown_words_are_in_no_text_of_the_training() -> None:
    trained = {*UNKNOWN_NOUNS, *known_words()}
    assert all(words.split()[-1] not in trained for words in UNKNOWN_THINGS)


def test_several_things_are_all_of_their_kind(cases: Asked) -> None:
    for case in of_kind(cases, Kind.SEVERAL):
        assert len(case.things) > 1
        common = set.intersection(*(set(thing.name.split()) for thing in case.things))
        assert common


def test_counts_are_those_of_the_scene(frames: dict[int, RenderedFrame]) -> None:
    for seed, frame in frames.items():
        for case in make_cases(frame, seed):
            if case.kind is Kind.ASK_COUNT and 'objects' in case.request.query:
                assert NUMBERS.index(case.text) == len(frame.objects)


def test_instructions_name_what_they_mean(cases: Asked) -> None:
    kinds = (Kind.INSTRUCT, Kind.INSTRUCT_RELATED, Kind.INSTRUCT_ABSENT)
    asked = of_kind(cases, *kinds)
    assert len(asked) > 30
    for case in asked:
        text = case.request.query
        phrases = parse_instruction(text)
        assert [phrase.role for phrase in phrases] == [role for role, _ in case.parts]
        missing = [thing for _, thing in case.parts if thing is None]
        assert len(missing) == (case.kind is Kind.INSTRUCT_ABSENT)
        for phrase, (_, thing) in zip(phrases, case.parts, strict=True):
            assert thing is None or phrase.head.split()[-1] == thing.name.split()[-1]


def test_regions_hold_the_thing(cases: Asked) -> None:
    for case in of_kind(cases, Kind.IDENTIFY):
        assert case.request.task is Task.IDENTIFY
        assert case.request.region is not None
        assert len(case.text.split()) == 2


def test_doubtful_things_are_left_out(frames: dict[int, RenderedFrame]) -> None:
    doubtful = 0
    for frame in frames.values():
        view = AskableObjects(frame)
        hidden = [thing for thing in frame.objects if not is_nameable(thing)]
        doubtful += len(hidden)
        assert view.complete == (not hidden)
        assert all(view.all_of(thing.shape) is None for thing in hidden)
    assert doubtful
