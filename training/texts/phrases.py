# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Phrases that name things by attributes, and words and errors that people add when typing."""

from __future__ import annotations

from random import Random

from training.table import Table
from training.texts.referring import describe, Referring
from training.texts.wording import misspelt, noun_phrase, with_article


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
    'everything',
    'all objects',
    'all the objects',
    'the objects',
    'objects',
    'all things',
    'every object',
    'everything on the table',
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
