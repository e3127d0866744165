# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Referring expressions: what people call things on the table, and which things they mean."""

from __future__ import annotations

from collections.abc import Callable
import math
from random import Random
import string
from typing import NamedTuple

from kosmos_ros.sim.vocabulary import SHAPES, SIZES
from training.table import Description, Table, Thing
from training.wording import misspelt, noun_phrase, with_article
from training.words import COLOR_NAMES, UNKNOWN_ADJECTIVES, UNKNOWN_NOUNS

MARGIN = 0.045
"""Things closer than this (fraction of the image) are neither left nor right of each other."""


class Referring(NamedTuple):
    """A phrase, and the things it names from left to right (none: it is absent)."""

    text: str
    things: tuple[Thing, ...]


def describe(rng: Random, thing: Thing) -> Description:
    """Say some of what there is to say of a thing; mostly colour and shape."""
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
    """Describe something close to what is on the table, which need not be there."""
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
    """Append, now and then, what people add without meaning anything by it, or misspell a word."""
    draw = rng.random()
    if draw < 0.06:
        return referring._replace(text=referring.text + rng.choice(_ENDINGS))
    if draw < 0.11:
        return referring._replace(text=misspelt(rng, referring.text))
    return referring


def absent_description(rng: Random, table: Table) -> Description | None:
    """Describe, in words of the vocabulary, something that is not there."""
    for _ in range(6):
        description = altered(rng, table)
        if table.select(description) == ():
            return description
    return None


def unknown_noun(rng: Random) -> str:
    """Return a noun that the vocabulary does not hold, sometimes invented."""
    if rng.random() < 0.75:
        return rng.choice(UNKNOWN_NOUNS)
    return ''.join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 10)))


def unknown_adjective(rng: Random) -> str:
    """Return an adjective that fits nothing, or an unknown noun in its place."""
    return rng.choice(UNKNOWN_ADJECTIVES) if rng.random() < 0.5 else unknown_noun(rng)


def unknown_words(rng: Random) -> str:
    """
    Return an unknown noun, sometimes with adjectives that are known, or the reverse.

    Misspelt and neutral adjectives are passed over elsewhere; those that are really unknown must
    not be, or any word before ``cube`` would find one.
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


_RANKS: dict[str, tuple[Callable[[Thing], float], float]] = {
    'leftmost': (lambda thing: -thing.center[0], MARGIN),
    'rightmost': (lambda thing: thing.center[0], MARGIN),
    'topmost': (lambda thing: -thing.center[1], MARGIN),
    'farthest': (lambda thing: -thing.center[1], MARGIN),
    'bottommost': (lambda thing: thing.center[1], MARGIN),
    'closest': (lambda thing: thing.center[1], MARGIN),
    'nearest': (lambda thing: thing.center[1], MARGIN),
    'largest': (lambda thing: thing.area, 0.0),
    'biggest': (lambda thing: thing.area, 0.0),
    'smallest': (lambda thing: -thing.area, 0.0),
}
_SIDES = {
    'leftmost': ('on the left', 'to the left', 'on the left side'),
    'rightmost': ('on the right', 'to the right', 'on the right side'),
    'farthest': ('at the back', 'in the back'),
    'closest': ('at the front', 'in front'),
}
"""What is said of two things to tell them apart."""
_FAR_SIDES = {'leftmost': 'on the far left', 'rightmost': 'on the far right'}


def extreme(things: tuple[Thing, ...], word: str) -> Thing | None:
    """Return the one thing that a superlative names, None where it is too close to say."""
    rank, margin = _RANKS[word]
    ordered = sorted(things, key=rank)
    best, second = rank(ordered[-1]), rank(ordered[-2])
    clear = best - second >= margin
    if margin == 0.0:
        clear = max(best / second, second / best) >= 1.25
    return ordered[-1] if clear else None


def superlative_phrase(rng: Random, table: Table) -> Referring | None:
    """Name the one thing that is most something among two or more."""
    if len(table.things) < 2:
        return None
    thing = rng.choice(table.things)
    draw = rng.random()
    description = Description(
        thing.shape if draw < 0.35 else None, thing.color if 0.35 <= draw < 0.5 else None
    )
    things = table.select(description)
    if things is None or len(things) < 2:
        return None
    word = rng.choice(list(_RANKS))
    found = extreme(things, word)
    if found is None:
        return None
    noun = noun_phrase(rng, description)
    draw = rng.random()
    if word in _SIDES and len(things) == 2 and draw < 0.4:
        return Referring(f'the {noun} {rng.choice(_SIDES[word])}', (found,))
    if word in _FAR_SIDES and draw > 0.8:
        return Referring(f'the {noun} {_FAR_SIDES[word]}', (found,))
    return Referring(f'the {word} {noun}', (found,))


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
    """Return the things in a relation to the anchor, None where one is too close to say."""
    axis, sign = _RELATIONS[relation]
    others = [thing for thing in things if thing is not anchor]
    offsets = [sign * (thing.center[axis] - anchor.center[axis]) for thing in others]
    if any(abs(offset) < MARGIN for offset in offsets):
        return None
    return tuple(thing for thing, offset in zip(others, offsets, strict=True) if offset > 0)


_NEAR = ('next to', 'beside', 'nearest to', 'closest to', 'nearest', 'closest to')
_CLEARLY_NEARER = 1.35
_VIEW_ASPECT = 1.5
"""Between 4:3 and 16:9; which of them an image was before it was squashed is not known."""


def nearest(things: tuple[Thing, ...], anchor: Thing) -> Thing | None:
    """Return the thing nearest to the anchor in the view, None where that is too close to say."""
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
    """Name a thing by where it is from something that is not there; so it names nothing."""
    anchor = absent_description(rng, table)
    if anchor is None or not table.things:
        return None
    reference = unknown_words(rng) if rng.random() < 0.3 else noun_phrase(rng, anchor)
    noun = noun_phrase(rng, describe(rng, rng.choice(table.things)))
    relation = rng.choice([*_RELATIONS, *_NEAR])
    return Referring(f'the {noun} {relation} the {reference}', ())


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
    noun, reference = noun_phrase(rng, description), noun_phrase(rng, anchor_description)
    many = len(things) > 1 and rng.random() < 0.5
    noun = noun_phrase(rng, description, many)
    return Referring(f'the {noun} {relation} the {reference}', things)
