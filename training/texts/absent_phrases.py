# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Phrases for absent things: those not on this table, and unknown words."""

from __future__ import annotations

from random import Random
import string

from kosmos_ros.sim.vocabulary import SHAPES, SIZES
from training.table import Description, Table
from training.texts.referring import altered, Referring
from training.texts.wording import noun_phrase, with_article
from training.texts.words import COLOR_NAMES, UNKNOWN_ADJECTIVES, UNKNOWN_NOUNS


def absent_description(rng: Random, table: Table) -> Description | None:
    """Describe, in words of the vocabulary, something absent."""
    for _ in range(6):
        description = altered(rng, table)
        if table.select(description) == ():
            return description
    return None


def unknown_noun(rng: Random) -> str:
    """Return a noun outside the vocabulary, sometimes invented."""
    if rng.random() < 0.75:
        return rng.choice(UNKNOWN_NOUNS)
    return ''.join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 10)))


def unknown_adjective(rng: Random) -> str:
    """Return an adjective that fits nothing, or an unknown noun in its place."""
    return rng.choice(UNKNOWN_ADJECTIVES) if rng.random() < 0.5 else unknown_noun(rng)


def unknown_words(rng: Random) -> str:
    """
    Return an unknown noun, sometimes with adjectives that are known, or the reverse.

    Misspelt and neutral adjectives are ignored elsewhere; really unknown ones must not be, or any
    word before ``cube`` would find one.
    """
    if rng.random() < 0.35:
        return f'{unknown_adjective(rng)} {rng.choice(SHAPES)}'
    color = rng.choice(COLOR_NAMES) if rng.random() < 0.35 else None
    size = rng.choice(list(SIZES)) if rng.random() < 0.1 else None
    return ' '.join(word for word in (size, color, unknown_noun(rng)) if word)


def absent_phrase(rng: Random, table: Table) -> Referring | None:
    """Name something that is not on the table."""
    if rng.random() < 0.3:
        return Referring(with_article(rng, unknown_words(rng)), ())
    description = absent_description(rng, table)
    if description is None:
        return None
    many = rng.random() < 0.1
    return Referring(with_article(rng, noun_phrase(rng, description, many), many), ())
