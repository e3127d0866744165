# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.wording``: however it is put, it means what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES
from training.table import Description, Thing
from training.texts.wording import misspelt, noun_phrase, with_article
from training.texts.words import (
    known_words,
    NEUTRAL_ADJECTIVES,
    SYNONYMS,
    UNKNOWN_ADJECTIVES,
    UNKNOWN_NOUNS,
)

seeds = st.integers(0, 2**31)
Describes = Callable[[Iterable[str], Thing], bool]
ANYWHERE = (0.1, 0.1, 0.3, 0.3)
ALL = [Thing(*kind, ANYWHERE) for kind in product(SHAPES, COLORS, SIZES)]
DESCRIPTIONS = st.builds(
    Description,
    st.sampled_from([None, *SHAPES]),
    st.sampled_from([None, *COLORS]),
    st.sampled_from([None, *SIZES]),
)


@given(DESCRIPTIONS, st.booleans(), seeds)
def test_a_noun_phrase_says_what_the_description_does(
    describes: Describes, description: Description, many: bool, seed: int
) -> None:
    words = noun_phrase(Random(seed), description, many).split()
    for thing in ALL:
        assert describes(words, thing) == description.fits(thing)


def test_each_way_to_put_it_is_used() -> None:
    rng = Random(0)
    description = Description('cube', 'red', 'large')
    phrases = {noun_phrase(rng, description) for _ in range(3000)}
    said = {word for phrase in phrases for word in phrase.split()}
    assert said >= {*SYNONYMS['cube'], *SYNONYMS['red'], *SYNONYMS['large'], *NEUTRAL_ADJECTIVES}
    assert phrases >= {'large red cube', 'red large cube', 'large cube that is red'}
    assert 'large red coloured cube' in phrases


def test_plurals_have_plural_verbs() -> None:
    rng = Random(0)
    phrases = {noun_phrase(rng, Description('box', 'red'), many=True) for _ in range(1000)}
    assert {'red boxes', 'boxes that are red', 'red crates'} <= phrases
    assert not any(' is ' in phrase for phrase in phrases)


@given(st.sampled_from(['orange ball', 'red cube', 'old mug']), st.booleans(), seeds)
def test_articles_agree(words: str, many: bool, seed: int) -> None:
    text = with_article(Random(seed), words, many)
    assert text.endswith(words)
    before = text.removesuffix(words).strip()
    indefinite = 'a' if words == 'red cube' else 'an'
    assert before in (('', 'the', 'all the') if many else ('', 'the', indefinite))


@given(st.lists(st.sampled_from(known_words()), min_size=1, max_size=4), seeds)
def test_a_slip_changes_one_word_and_makes_no_other_word(words: list[str], seed: int) -> None:
    text = ' '.join(words)
    slipped = misspelt(Random(seed), text).split()
    assert len(slipped) == len(words)
    changed = [(new, old) for new, old in zip(slipped, words, strict=True) if new != old]
    assert len(changed) <= 1
    for new, old in changed:
        assert new not in known_words()
        assert len(old) > 3
        assert new[0] == old[0]
        assert abs(len(new) - len(old)) <= 1


@pytest.mark.parametrize('word', [*SHAPES, *COLORS, 'wooden', 'metal'])
def test_no_slip_is_a_word_that_is_refused(word: str) -> None:
    slips = {misspelt(Random(seed), word) for seed in range(2000)}
    assert not slips & {*UNKNOWN_NOUNS, *UNKNOWN_ADJECTIVES}


def test_short_words_are_left_alone() -> None:
    assert {misspelt(Random(seed), 'the red mug') for seed in range(50)} == {'the red mug'}
