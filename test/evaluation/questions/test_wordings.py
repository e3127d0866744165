# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``evaluation.questions.wordings``: what is in the training, and what is not."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from kosmos_ros.evaluation.questions.typos import slips
from kosmos_ros.evaluation.questions.wordings import (
    COLOR_SYNONYMS,
    FAR_SIDE,
    KNOWN_WORDS,
    NEUTRAL_ADJECTIVES,
    PAIR_WORDINGS,
    PairWording,
    PLURAL,
    RARE_ADJECTIVES,
    RARE_COLORS,
    RARE_SHAPES,
    SHAPE_SYNONYMS,
    SIDE,
    STRANGE_COLORS,
    STRANGE_NOUNS,
    WORDINGS,
)
from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES
from training.table import Table, Thing
from training.texts.examples import BoxPart
from training.texts.language import examples
from training.texts.words import known_words, UNKNOWN_ADJECTIVES, UNKNOWN_NOUNS

TRAINED = {*known_words(), *UNKNOWN_NOUNS, *UNKNOWN_ADJECTIVES}
PAIRS = list(product(COLORS, SHAPES))

# What tells of a way to put it that a phrase is put so.
SIGNS = {
    'relative clause': ' that is ',
    'a or an': 'a ',
    'any': 'any ',
    'polite': 'please',
    'question': 'where is',
    PLURAL.name: 'all the ',
    SIDE.name: ' on the left side',
    FAR_SIDE.name: ' on the far left',
}


@pytest.fixture(scope='module')
def phrases() -> list[str]:
    """Return phrases that the training asks to locate, with a space at both ends."""
    return [
        f'{example.prompt[2]} '
        for seed in range(400)
        for example in examples(Random(seed), table(Random(seed)))
        if len(example.prompt) == 4 and not any(isinstance(p, BoxPart) for p in example.prompt)
    ]


def table(rng: Random) -> Table:
    """Return some things beside each other."""
    return Table.of(
        Thing(
            rng.choice(SHAPES),
            rng.choice(list(COLORS)),
            rng.choice(list(SIZES)),
            (x / 10, rng.random() / 2, x / 10 + 0.1, rng.random() / 2 + 0.5),
        )
        for x in rng.sample(range(10), rng.randint(1, 6))
    )


def test_each_has_a_name_of_its_own() -> None:
    names = [wording.name for wording in WORDINGS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize('wording', PAIR_WORDINGS, ids=lambda wording: wording.name)
def test_a_colour_and_a_shape_are_put_otherwise(wording: PairWording) -> None:
    rng = Random(0)
    put = {(c, s): wording.phrase(rng, c, s) for c, s in PAIRS}
    assert any(put.values())
    assert all(text is None or text != f'the {c} {s}' for (c, s), text in put.items())
    # What means two things would have two right answers.
    found = [text for text in put.values() if text]
    assert len(found) == len(set(found))


@pytest.mark.parametrize('wording', PAIR_WORDINGS, ids=lambda wording: wording.name)
def test_only_capitals_and_slips_are_no_plain_words(wording: PairWording) -> None:
    rng = Random(1)
    texts = [text for c, s in PAIRS if (text := wording.phrase(rng, c, s))]
    said = {word.strip('?,') for text in texts for word in text.replace('-', ' ').split()}
    if wording.name == 'capitals':
        assert any(not word.islower() for word in said)
    elif wording.name == 'typo':
        assert said - TRAINED
    else:
        assert said <= TRAINED or not wording.trained


def test_synonyms_and_adjectives_are_trained_unless_they_are_rare() -> None:
    known, rare = set(known_words()), [RARE_SHAPES, RARE_COLORS]
    for words in (SHAPE_SYNONYMS, COLOR_SYNONYMS):
        assert {other for others in words.values() for other in others} <= known
    assert set(NEUTRAL_ADJECTIVES) <= known
    assert not {other for words in rare for others in words.values() for other in others} & TRAINED
    assert not {*RARE_ADJECTIVES, *STRANGE_NOUNS, *STRANGE_COLORS} & TRAINED


def test_no_slip_is_a_word_of_the_training() -> None:
    longer = [word for word in (*SHAPES, *COLORS) if len(word) > 3]
    assert not {s for word in longer for s in slips(word) if s != word} & (TRAINED - KNOWN_WORDS)


@pytest.mark.parametrize('name', SIGNS)
def test_frames_are_in_the_training_where_that_is_said(name: str, phrases: list[str]) -> None:
    (wording,) = (wording for wording in WORDINGS if wording.name == name)
    assert any(f' {SIGNS[name].strip()} ' in text for text in phrases) == wording.trained


def test_bare_and_misspelt_phrases_are_in_the_training(phrases: list[str]) -> None:
    assert {f' {color} {shape} ' for color, shape in PAIRS} & set(phrases)
    longer = [word for word in (*SHAPES, *COLORS) if len(word) > 3]
    wrong = {slip for word in longer for slip in slips(word)} - TRAINED
    assert wrong & {word for text in phrases for word in text.split()}
