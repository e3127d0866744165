# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Phrases that name things by their relation to another one."""

from __future__ import annotations

import math
from random import Random

from training.table import Description, Table, Thing
from training.texts.phrases import absent_description, describe, MARGIN, Referring, unknown_words
from training.texts.wording import noun_phrase

_RELATIONS: dict[str, tuple[int, int]] = {
    'left of': (0, -1),
    'to the left of': (0, -1),
    'right of': (0, 1),
    'to the right of': (0, 1),
    'above': (1, -1),
    'behind': (1, -1),
    'below': (1, 1),
    'in front of': (1, 1),
}


RELATION_WORDS = tuple(_RELATIONS)


def related(things: tuple[Thing, ...], anchor: Thing, relation: str) -> tuple[Thing, ...] | None:
    """Return the things in a relation to the anchor, None where one is too close to decide."""
    axis, sign = _RELATIONS[relation]
    others = [thing for thing in things if thing is not anchor]
    offsets = [sign * (thing.center[axis] - anchor.center[axis]) for thing in others]
    if any(abs(offset) < MARGIN for offset in offsets):
        return None
    return tuple(thing for thing, offset in zip(others, offsets, strict=True) if offset > 0)


def relation_phrase(rng: Random, table: Table) -> Referring | None:
    """Name the things that lie in a direction from another, unique one."""
    if len(table.things) < 2:
        return None
    anchor, subject = rng.sample(table.things, 2)
    anchor_description = Description(anchor.shape, anchor.color if rng.random() < 0.6 else None)
    if table.select(anchor_description) != (anchor,):
        return None
    draw = rng.random()
    description = Description(
        subject.shape if draw < 0.7 else None, subject.color if 0.45 <= draw < 0.85 else None
    )
    candidates = table.select(description)
    relation = rng.choice(list(_RELATIONS))
    things = related(candidates, anchor, relation) if candidates else None
    if things is None or (not things and rng.random() < 0.7):
        return None
    many = len(things) > 1 and rng.random() < 0.5
    noun = noun_phrase(rng, description, many)
    reference = noun_phrase(rng, anchor_description)
    return Referring(f'the {noun} {relation} the {reference}', things)


_NEAR = ('next to', 'beside', 'nearest to', 'closest to', 'nearest', 'closest to')
_CLEARLY_NEARER = 1.35
_VIEW_ASPECT = 1.5
"""Between 4:3 and 16:9; which of them an image was before it was squashed is not known."""


def nearest(things: tuple[Thing, ...], anchor: Thing) -> Thing | None:
    """Return the thing nearest to the anchor in the view, None where too close to decide."""
    others = [thing for thing in things if thing is not anchor]
    distances = sorted(
        (
            math.hypot(
                _VIEW_ASPECT * (thing.center[0] - anchor.center[0]),
                thing.center[1] - anchor.center[1],
            ),
            place,
        )
        for place, thing in enumerate(others)
    )
    if not distances:
        return None
    if len(distances) > 1 and distances[1][0] < _CLEARLY_NEARER * distances[0][0]:
        return None
    return others[distances[0][1]]


def near_phrase(rng: Random, table: Table) -> Referring | None:
    """Name the thing of a kind that is nearest to another, unique one."""
    if len(table.things) < 2:
        return None
    anchor, subject = rng.sample(table.things, 2)
    anchor_description = Description(anchor.shape, anchor.color if rng.random() < 0.7 else None)
    description = Description(subject.shape if rng.random() < 0.75 else None)
    candidates = table.select(description)
    if table.select(anchor_description) != (anchor,) or not candidates:
        return None
    found = nearest(candidates, anchor)
    if found is None:
        return None
    noun, reference = noun_phrase(rng, description), noun_phrase(rng, anchor_description)
    return Referring(f'the {noun} {rng.choice(_NEAR)} the {reference}', (found,))


def adrift_phrase(rng: Random, table: Table) -> Referring | None:
    """Name a thing by its relation to something absent; so it names nothing."""
    anchor = absent_description(rng, table)
    if anchor is None or not table.things:
        return None
    reference = unknown_words(rng) if rng.random() < 0.3 else noun_phrase(rng, anchor)
    noun = noun_phrase(rng, describe(rng, rng.choice(table.things)))
    relation = rng.choice([*_RELATIONS, *_NEAR])
    return Referring(f'the {noun} {relation} the {reference}', ())
