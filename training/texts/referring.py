# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Phrases with the things they name, and descriptions of things."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from kosmos_ros.sim.vocabulary import SHAPES, SIZES
from training.table import Description, Table, Thing
from training.texts.words import COLOR_NAMES

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
