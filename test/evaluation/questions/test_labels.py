# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``evaluation.questions.labels``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kosmos_ros.core.tasks.describe import DETAILS
from kosmos_ros.core.types import Box, GroundingRequest, Region, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import OpenedSample, TraitedCase
from kosmos_ros.evaluation.questions.labels import (
    is_named,
    label_case,
    label_of,
    Labels,
    Mention,
    OtherPhrases,
    written_cases,
)

OTHERS = OtherPhrases(
    (
        Mention('the brown bear', 'bear', 'bear'),
        Mention('bear on the left', 'bear', 'bear'),
        Mention('a red bus', 'bus', 'bus'),
        Mention('two dogs', 'dog', 'dogs'),
    )
)


@pytest.mark.parametrize(
    ('expression', 'category', 'right'),
    [
        ('a red mug', 'mug', True),
        ('Two red mugs.', 'mug', True),
        ('a mug on a table', 'mug', True),
        ('a table with a mug', 'mug', False),
        ('a mug handle', 'mug', False),
        ('a slice of pizza', 'pizza', True),
        ('the old traffic light', 'traffic light', True),
        ('a light', 'traffic light', False),
        ('', 'mug', False),
        ('a man', 'person', False),
    ],
)
def test_a_category_is_named_at_the_end_of_the_name(
    expression: str, category: str, right: bool
) -> None:
    assert is_named(expression, category) == right


def texts(cases: list[TraitedCase]) -> set[str]:
    return {one.case.request.query for one in cases}


def test_nothing_with_a_label_of_the_image_is_asked_for() -> None:
    found = OTHERS.absent({'bear', 'dog'}, (), 8, 'seed')
    assert texts(found) == {'a red bus'}
    (only,) = found
    assert only.case.kind is Kind.ABSENT
    assert not only.case.things
    assert only.case.request.literal


def test_nothing_whose_noun_is_said_of_the_image_is_asked_for() -> None:
    assert texts(OTHERS.absent({'x'}, ['teddy bear', 'a dog'], 8, 'seed')) == {'a red bus'}


def test_there_are_as_many_as_wanted_and_always_the_same() -> None:
    found = OTHERS.absent((), (), 2, 'seed')
    assert len(found) == 2
    assert OTHERS.absent((), (), 2, 'seed') == found
    assert OTHERS.absent((), (), 0, 'seed') == []
    assert OtherPhrases(()).absent((), (), 2, 'seed') == []


def test_the_name_of_a_labelled_thing_is_asked_for_by_its_region() -> None:
    thing = NamedBox('mug', Box(0.25, 0.5, 0.5, 1.0))
    request = GroundingRequest('mug', Task.LOCATE)
    questions = (
        TraitedCase(Case(Kind.CATEGORY, request, (thing,))),
        TraitedCase(Case(Kind.ABSENT, request)),
    )
    image = np.zeros((100, 200, 3), np.uint8)
    asked = label_case(OpenedSample(image, questions), 'a')
    assert asked is not None
    assert asked.case.request.region == Region(50, 50, 50, 50)
    assert (asked.case.text, asked.case.things) == ('mug', (thing,))
    assert label_case(OpenedSample(image, questions[1:]), 'a') is None


@pytest.mark.parametrize(
    ('phrase', 'label'),
    [
        ('a red mug', 'mug'),
        ('Two Mugs on a table', 'mug'),
        ('a hot dog', 'hot dog'),
        ('the dog', 'dog'),
        ('a puppy', None),
        ('a picture of a dog', None),
        ('the dog in front of a wall of stone', 'dog'),
        ('', None),
    ],
)
def test_the_longest_name_that_a_phrase_ends_with_is_its_label(
    phrase: str, label: str | None
) -> None:
    assert label_of(phrase, ('dog', 'hot dog', 'mug', '--')) == label


def test_texts_are_asked_for_where_names_are_known() -> None:
    mug = NamedBox('mug', Box(0.25, 0.5, 0.5, 1.0))
    labels = Labels((mug,), ('mug', 'dog'), ('The red mug',))
    found = written_cases(labels, 'a')
    assert found == written_cases(labels, 'a')
    caption, where = (one.case for one in found)
    assert caption.request.task is Task.DESCRIBE
    assert (where.request.task, where.request.query) == (Task.ASK, 'where is the red mug?')
    assert {case.names for case in (caption, where)} == {('mug', 'dog')}
    assert {case.things for case in (caption, where)} == {(mug,)}
    details = {written_cases(labels, str(seed))[0].case.request.query for seed in range(20)}
    assert details == set(DETAILS)
    assert len(written_cases(replace(labels, phrases=()), 'a')) == 1
    assert written_cases(Labels(), 'a') == []
