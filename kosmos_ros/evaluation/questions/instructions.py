# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Instructions about things on a table, with the things they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, Protocol, TypeVar

from kosmos_ros.core.types import Box, Role
from kosmos_ros.sim.vocabulary import COLORS, SHAPES

CLEAR_MARGIN = 0.06
"""Things are left of each other only if their centres are this far apart, in image widths."""


class Nameable(Protocol):
    """A visible thing: its colour, shape and normalised box."""

    @property
    def color(self) -> str:
        """Its colour."""
        ...

    @property
    def shape(self) -> str:
        """Its shape."""
        ...

    @property
    def box(self) -> Box:
        """Its box."""
        ...


Thing = TypeVar('Thing', bound=Nameable)


@dataclass(frozen=True)
class Instruction(Generic[Thing]):
    """
    A text, and the things that its objects mean, in their order; None: absent.

    ``parts`` are all objects that the text names, each with its role.
    """

    text: str
    parts: tuple[tuple[Role, Thing | None], ...]


_PLACING = (
    *('put {} {} {}', 'please place {} {} {}', 'move {} {} {}'),
    *('pick up {} and put it {} {}', 'could you set {} down {} {}?'),
)
_PREPOSITIONS = {'bowl': 'into', 'box': 'into', 'mug': 'into', 'plate': 'on'}
_ELSE = 'next to'
"""The preposition for shapes that are neither containers nor flat."""
_PICKING = ('pick up {}', 'give me {}, please', 'point at {}', 'Grab {}.', 'look at {}')

_RELATIONS = {
    'left of': (0, -1),
    'to the right of': (0, 1),
    'behind': (1, -1),
    'in front of': (1, 1),
}
"""Axis of the image and direction along it."""


def instructions(
    named: Sequence[Thing], doubtful: Sequence[Thing], rng: Random
) -> Iterator[tuple[str, Instruction[Thing]]]:
    """
    Yield up to three instructions, each with its kind: 'plain', 'related' and 'absent'.

    :param named: things that can be asked for.
    :param doubtful: things that may or may not count, being mostly hidden.
    """
    seen = [*named, *doubtful]
    alone = [thing for thing in named if len(_like(seen, thing.color, thing.shape)) == 1]
    if len(alone) > 1:
        thing, place = rng.sample(alone, 2)
        text = _placing(_the(thing), _the(place), rng)
        yield 'plain', Instruction(text, ((Role.TARGET, thing), (Role.DESTINATION, place)))
    related = _related(named, alone, seen, rng)
    if related:
        yield 'related', related
    if alone:
        yield 'absent', _absent(rng.choice(alone), seen, rng)


def _related(
    named: Sequence[Thing], alone: Sequence[Thing], seen: Sequence[Thing], rng: Random
) -> Instruction[Thing] | None:
    """Single a thing out by its relation to another one, among those of its shape if possible."""
    choices = [
        (words, thing, anchor)
        for anchor in alone
        for thing in named
        for words in _RELATIONS
        if thing is not anchor and _singles_out(words, thing, anchor, seen)
    ]
    if not choices:
        return None
    needed = [choice for choice in choices if len(_like(seen, '', choice[1].shape)) > 1]
    words, thing, anchor = rng.choice(needed or choices)
    phrase = f'the {thing.shape} {words} {_the(anchor)}'
    parts: tuple[tuple[Role, Thing | None], ...] = ((Role.TARGET, thing), (Role.REFERENCE, anchor))
    # 'put the cube left of the mug next to the ball' may mean two things.
    places = [
        place for place in alone if place not in (thing, anchor) and place.shape in _PREPOSITIONS
    ]
    if not places or rng.random() < 0.5:
        return Instruction(rng.choice(_PICKING).format(phrase), parts)
    place = rng.choice(places)
    text = _placing(phrase, _the(place), rng)
    return Instruction(text, (*parts, (Role.DESTINATION, place)))


def _absent(present: Thing, seen: Sequence[Thing], rng: Random) -> Instruction[Thing]:
    """Ask for something absent, or to put something at an absent place."""
    missing = rng.choice([f'the {c} {s}' for c in COLORS for s in SHAPES if not _like(seen, c, s)])
    if rng.random() < 0.5:
        text = _placing(missing, _the(present), rng)
        return Instruction(text, ((Role.TARGET, None), (Role.DESTINATION, present)))
    text = _placing(_the(present), missing, rng)
    return Instruction(text, ((Role.TARGET, present), (Role.DESTINATION, None)))


def _placing(thing: str, place: str, rng: Random) -> str:
    preposition = _PREPOSITIONS.get(place.rsplit(maxsplit=1)[-1], _ELSE)
    return rng.choice(_PLACING).format(thing, preposition, place)


def _like(things: Sequence[Thing], color: str, shape: str) -> list[Thing]:
    return [thing for thing in things if color in ('', thing.color) and shape in ('', thing.shape)]


def _singles_out(words: str, thing: Thing, anchor: Thing, seen: Sequence[Thing]) -> bool:
    """Tell whether this thing alone of its shape is in the relation, by a clear margin."""
    axis, sign = _RELATIONS[words]
    others = [other for other in _like(seen, '', thing.shape) if other is not anchor]
    distances = [sign * (center(other, axis) - center(anchor, axis)) for other in others]
    clear = all(abs(distance) >= CLEAR_MARGIN for distance in distances)
    there = [other for other, distance in zip(others, distances, strict=True) if distance > 0]
    return clear and len(there) == 1 and there[0] is thing


def center(thing: Nameable, axis: int = 0) -> float:
    """Return the middle of the box along axis 0 (x) or 1 (y), normalised."""
    box = thing.box
    return (box.y0 + box.y1) / 2 if axis else (box.x0 + box.x1) / 2


def _the(thing: Nameable) -> str:
    return f'the {thing.color} {thing.shape}'
