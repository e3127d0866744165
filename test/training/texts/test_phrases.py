# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.phrases``: what a phrase names is what it says, or is nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from training.table import Table, Thing
from training.texts.phrases import (
    absent_description,
    absent_phrase,
    altered,
    as_typed,
    describe,
    everything_phrase,
    present_phrase,
    Referring,
    unknown_words,
)
from training.texts.words import known_words, UNKNOWN_ADJECTIVES
from training.tokenizer import encode_text

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
Describes = Callable[[Iterable[str], Thing], bool]


@given(seeds)
def test_present_things_are_all_that_fit(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = present_phrase(Random(seed), table)
    if referring is None:
        return
    words = referring.text.split()
    everything = (*table.things, *table.doubtful)
    assert set(referring.things) == {thing for thing in everything if describes(words, thing)}
    left_edges = [thing.box[0] for thing in referring.things]
    assert left_edges == sorted(left_edges)


@given(seeds)
def test_everything_is_all_there_is(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    referring = everything_phrase(Random(seed), table)
    assert (referring is None) == bool(table.doubtful)
    assert referring is None or referring.things == table.things


@given(seeds)
def test_a_description_of_a_thing_fits_it(make_table: MakeTable, seed: int) -> None:
    table, rng = make_table(seed), Random(seed)
    for thing in table.things:
        description = describe(rng, thing)
        assert description.fits(thing)
        assert description.shape or description.color
    assert any(altered(rng, table))


@given(seeds)
def test_what_is_typed_means_the_same_things(seed: int) -> None:
    bottle = Thing('bottle', 'purple', 'small', (0.1, 0.1, 0.2, 0.3))
    meant = Referring('the small purple bottle', (bottle,))
    typed = as_typed(Random(seed), meant)
    assert typed.things == meant.things
    if typed.text.startswith(meant.text):
        return
    pairs = zip(typed.text.split(), meant.text.split(), strict=True)
    changed = [(new, old) for new, old in pairs if new != old]
    assert len(changed) == 1
    assert changed[0][0] not in known_words()


@given(seeds)
def test_absent_things_fit_nothing(make_table: MakeTable, describes: Describes, seed: int) -> None:
    table = make_table(seed)
    referring = absent_phrase(Random(seed), table)
    if referring is None:
        return
    assert referring.things == ()
    words = referring.text.split()
    if set(words) <= set(known_words()):
        assert not any(describes(words, thing) for thing in (*table.things, *table.doubtful))


@given(seeds)
def test_an_absent_description_fits_nothing_even_hidden(make_table: MakeTable, seed: int) -> None:
    table = make_table(seed)
    description = absent_description(Random(seed), table)
    if description is not None:
        assert not any(description.fits(thing) for thing in (*table.things, *table.doubtful))


@given(seeds)
def test_unknown_words_hold_one_that_is_spelled(seed: int) -> None:
    words = unknown_words(Random(seed)).split()
    assert [word for word in words if len(encode_text(f' {word}')) > 1]


def test_known_nouns_get_unknown_adjectives_and_the_reverse() -> None:
    rng, known = Random(0), set(known_words())
    phrases = [unknown_words(rng).split() for _ in range(400)]
    assert any(words[0] in UNKNOWN_ADJECTIVES and words[-1] in known for words in phrases)
    assert any(words[0] in known and words[-1] not in known for words in phrases)
