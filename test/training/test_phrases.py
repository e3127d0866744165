# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.phrases``: what a phrase names is what it says."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
import re

from hypothesis import given
from hypothesis import strategies as st

from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES
from training.phrases import (
    absent_phrase,
    MARGIN,
    present_phrase,
    relation_phrase,
    superlative_phrase,
)
from training.table import Table, Thing
from training.tokenizer import encode_text
from training.words import plural, SYNONYMS

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
NOUNS = {shape: shape for shape in SHAPES} | {plural(shape): shape for shape in SHAPES}
NOUNS |= {'sphere': 'ball', 'spheres': 'ball', 'cup': 'mug', 'cups': 'mug'}
SIZE_WORDS = {size: size for size in SIZES} | {SYNONYMS[s]: s for s in ('large', 'small')}


def fits(words: list[str], thing: Thing) -> bool:
    """Read a noun phrase and tell whether it describes a thing."""
    for word in words:
        if word in COLORS and word != thing.color:
            return False
        if word in NOUNS and NOUNS[word] != thing.shape:
            return False
        if word in SIZE_WORDS and SIZE_WORDS[word] != thing.size:
            return False
    return True


def everything(table: Table) -> tuple[Thing, ...]:
    return (*table.things, *table.doubtful)


@given(seeds)
def test_present_things_are_all_that_fit(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    referring = present_phrase(Random(seed), table)
    if referring is None:
        return
    words = referring.text.split()
    assert set(referring.things) == {thing for thing in everything(table) if fits(words, thing)}
    left_edges = [thing.box[0] for thing in referring.things]
    assert left_edges == sorted(left_edges)


@given(seeds)
def test_absent_things_fit_nothing(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    referring = absent_phrase(Random(seed), table)
    if referring is None:
        return
    assert referring.things == ()
    words = referring.text.split()
    spelled = len(encode_text(f' {referring.text}')) > len(words)
    assert spelled or not any(fits(words, thing) for thing in everything(table))


@given(seeds)
def test_a_superlative_names_the_extreme(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    referring = superlative_phrase(Random(seed), table)
    if referring is None:
        return
    (found,) = referring.things
    words = referring.text.split()
    others = [thing for thing in table.things if fits(words, thing) and thing is not found]
    assert fits(words, found)
    assert others
    for other in others:
        if 'leftmost' in words or 'left' in words:
            assert found.center[0] < other.center[0]
        if 'rightmost' in words or 'right' in words:
            assert found.center[0] > other.center[0]
        if {'topmost', 'farthest'} & set(words):
            assert found.center[1] < other.center[1]
        if {'bottommost', 'closest', 'nearest'} & set(words):
            assert found.center[1] > other.center[1]
        if {'largest', 'biggest'} & set(words):
            assert found.area > other.area
        if 'smallest' in words:
            assert found.area < other.area


RELATION = re.compile(
    r'the (.+?) (?:to the )?(left of|right of|above|behind|below|in front of)(.+)'
)


@given(seeds)
def test_a_relation_names_all_on_that_side(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    referring = relation_phrase(Random(seed), table)
    if referring is None:
        return
    match = RELATION.fullmatch(referring.text)
    assert match is not None
    subject, relation, reference = match[1].split(), match[2], match[3].split()
    (anchor,) = (thing for thing in everything(table) if fits(reference, thing))
    candidates = [t for t in everything(table) if fits(subject, t) and t is not anchor]
    axis, sign = {
        'left of': (0, -1),
        'right of': (0, 1),
        'above': (1, -1),
        'behind': (1, -1),
        'below': (1, 1),
        'in front of': (1, 1),
    }[relation]
    offsets = {t: sign * (t.center[axis] - anchor.center[axis]) for t in candidates}
    assert set(referring.things) == {thing for thing, offset in offsets.items() if offset > 0}
    assert all(abs(offset) >= MARGIN for offset in offsets.values())
