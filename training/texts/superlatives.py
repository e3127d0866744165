# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Superlatives: phrases for the thing with the most of an attribute."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from training.table import Description, Table, Thing
from training.texts.phrases import absent_description, MARGIN, Referring, unknown_words
from training.texts.wording import noun_phrase

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
"""Places that distinguish two things."""
_FAR_SIDES = {'leftmost': 'on the far left', 'rightmost': 'on the far right'}


def extreme(things: tuple[Thing, ...], word: str) -> Thing | None:
    """Return the one thing that a superlative names, None where it is too close to decide."""
    rank, margin = _RANKS[word]
    ordered = sorted(things, key=rank)
    best, second = rank(ordered[-1]), rank(ordered[-2])
    clear = best - second >= margin
    if margin == 0.0:
        clear = max(best / second, second / best) >= 1.25
    return ordered[-1] if clear else None


def superlative_phrase(rng: Random, table: Table) -> Referring | None:
    """Name one of two or more things by a superlative."""
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


def missing_extreme_phrase(rng: Random, table: Table) -> Referring | None:
    """Name absent things by a superlative, which means nothing."""
    missing = absent_description(rng, table)
    if missing is None:
        return None
    noun = unknown_words(rng) if rng.random() < 0.2 else noun_phrase(rng, missing)
    word = rng.choice(list(_RANKS))
    sides = _SIDES.get(word, ())
    if sides and rng.random() < 0.6:
        far = (_FAR_SIDES[word],) if word in _FAR_SIDES else ()
        return Referring(f'the {noun} {rng.choice((*sides, *far))}', ())
    return Referring(f'the {word} {noun}', ())
