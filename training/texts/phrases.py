# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Phrases that name things by attributes, present or absent, and errors of typing."""

from __future__ import annotations

from random import Random
import string
from typing import NamedTuple

from kosmos_ros.sim.vocabulary import SHAPES, SIZES
from training.table import Description, Table, Thing
from training.texts.wording import misspelt, noun_phrase, with_article
from training.texts.words import COLOR_NAMES, UNKNOWN_ADJECTIVES, UNKNOWN_NOUNS

MARGIN = 0.045
"""Things closer than this (fraction of the image) are neither left nor right of each other."""


class Referring(NamedTuple):
    """A phrase, and the things it names from left to right (none: it is absent)."""

    text: str
    things: tuple[Thing, ...]


def describe(rng: Random, thing: Thing) -> Description:
    """Describe a thing by some attributes, mostly colour and shape."""
    draw = rng.random()
    if draw < 0.18:
        return Description(thing.shape)
    if draw < 0.74:
        return Description(thing.shape, thing.color)
    if draw < 0.81:
        return Description(thing.shape, None, thing.size)
    if draw < 0.91:
        return Description(None, thing.color)
    return Description(thing.shape, thing.color, thing.size)


def altered(rng: Random, table: Table) -> Description:
    """Describe something close to a thing on the table, which may be absent."""
    if not table.things or rng.random() < 0.1:
        return Description(rng.choice(SHAPES), rng.choice(COLOR_NAMES))
    described = describe(rng, rng.choice(table.things))
    draw = rng.random()
    if described.shape and draw < 0.45:
        return described._replace(shape=rng.choice(SHAPES))
    if described.color and draw < 0.9:
        return described._replace(color=rng.choice(COLOR_NAMES))
    if described.size:
        return described._replace(size=rng.choice(list(SIZES)))
    return Description(rng.choice(SHAPES), rng.choice(COLOR_NAMES))


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


def present_phrase(rng: Random, table: Table) -> Referring | None:
    """Name one thing, or all things, that fit a description by attributes."""
    if not table.things:
        return None
    description = describe(rng, rng.choice(table.things))
    things = table.select(description)
    if not things:
        return None
    many = rng.random() < (0.3 if len(things) > 1 else 0.05)
    return Referring(with_article(rng, noun_phrase(rng, description, many), many), things)


_EVERYTHING = (
    *('everything', 'all objects', 'all the objects', 'the objects', 'objects', 'all things'),
    *('every object', 'everything on the table'),
)


def everything_phrase(rng: Random, table: Table) -> Referring | None:
    """Name all things at once."""
    if table.doubtful:
        return None
    return Referring(rng.choice(_EVERYTHING), table.things)


_ENDINGS = ('.', '!', ' on the table', ' here', ' in the image', ' in the picture')


def as_typed(rng: Random, referring: Referring) -> Referring:
    """Sometimes append words without meaning, or misspell a word."""
    draw = rng.random()
    if draw < 0.06:
        return referring._replace(text=referring.text + rng.choice(_ENDINGS))
    if draw < 0.11:
        return referring._replace(text=misspelt(rng, referring.text))
    return referring
