# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.absent_phrases``: what they name is nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from training.table import Table, Thing
from training.texts.absent_phrases import absent_description, absent_phrase, unknown_words
from training.texts.words import known_words, UNKNOWN_ADJECTIVES
from training.tokenizer import encode_text

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
Describes = Callable[[Iterable[str], Thing], bool]


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
