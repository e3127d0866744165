# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.relations``: what is named lies where it is said to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from training.table import Table, Thing
from training.texts.phrases import MARGIN
from training.texts.relations import adrift_phrase, near_phrase, nearest, relation_phrase
from training.texts.words import known_words

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
Describes = Callable[[Iterable[str], Thing], bool]


DIRECTIONS = {
    'left of': (0, -1),
    'right of': (0, 1),
    'above': (1, -1),
    'behind': (1, -1),
    'below': (1, 1),
    'in front of': (1, 1),
}
DIRECTION = re.compile(rf'the (.+?) (?:to the )?({"|".join(DIRECTIONS)}) the (.+)')
NEAR = re.compile(r'the (.+?) (next to|beside|nearest to|nearest|closest to) the (.+)')


def parts(pattern: re.Pattern[str], text: str) -> tuple[list[str], str, list[str]]:
    """Return the words before and after a relation, and the relation."""
    match = pattern.fullmatch(text)
    assert match is not None
    return match[1].split(), match[2], match[3].split()


@given(seeds)
def test_a_relation_names_all_on_that_side(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = relation_phrase(Random(seed), table)
    if referring is None:
        return
    subject, relation, reference = parts(DIRECTION, referring.text)
    everything = (*table.things, *table.doubtful)
    (anchor,) = (thing for thing in everything if describes(reference, thing))
    candidates = [t for t in everything if describes(subject, t) and t is not anchor]
    axis, sign = DIRECTIONS[relation]
    offsets = {t: sign * (t.center[axis] - anchor.center[axis]) for t in candidates}
    assert set(referring.things) == {thing for thing, offset in offsets.items() if offset > 0}
    assert all(abs(offset) >= MARGIN for offset in offsets.values())


@given(seeds)
def test_nothing_of_the_kind_is_nearer_in_a_wide_or_a_narrow_view(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = near_phrase(Random(seed), table)
    if referring is None:
        return
    subject, _, reference = parts(NEAR, referring.text)
    (found,) = referring.things
    everything = (*table.things, *table.doubtful)
    (anchor,) = (thing for thing in everything if describes(reference, thing))
    assert found is not anchor
    assert describes(subject, found)
    for other in everything:
        if describes(subject, other) and other not in (found, anchor):
            for aspect in (4 / 3, 16 / 9):
                assert distance(found, anchor, aspect) < distance(other, anchor, aspect)


def distance(thing: Thing, anchor: Thing, aspect: float) -> float:
    """Return how far apart two things are in an image of an aspect, in image heights."""
    (x0, y0), (x1, y1) = thing.center, anchor.center
    return abs(complex(aspect * (x1 - x0), y1 - y0))


def test_what_is_about_as_near_is_not_called_nearest(table: Table) -> None:
    left, middle, right = (
        Thing('cube', 'red', 'small', (x, 0.5, x + 0.1, 0.6)) for x in (0.1, 0.4, 0.72)
    )
    assert nearest((left, middle, right), middle) is None
    assert nearest((left, middle, right), right) is middle
    assert nearest((left,), left) is None
    assert nearest(table.things, table.things[0]) is table.things[1]


@given(seeds)
def test_what_is_near_nothing_is_nothing(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = adrift_phrase(Random(seed), table)
    if referring is None:
        return
    assert referring.things == ()
    pattern = DIRECTION if DIRECTION.fullmatch(referring.text) else NEAR
    _, _, reference = parts(pattern, referring.text)
    if set(reference) <= set(known_words()):
        everything = (*table.things, *table.doubtful)
        assert not any(describes(reference, thing) for thing in everything)


@pytest.mark.parametrize('make', [relation_phrase, near_phrase, adrift_phrase])
def test_an_empty_table_has_no_relations(make: Callable[[Random, Table], object]) -> None:
    assert all(make(Random(seed), Table(())) is None for seed in range(20))
