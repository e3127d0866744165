# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Questions in other wordings: synonyms, misspelt, polite.

Each scene gets some of the wordings, by its seed: a present thing is asked for, and in the same
wording an absent one. Besides, there is a phrase that names nothing on any table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.evaluation.questions.askable import AskableObjects
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.instructions import center, CLEAR_MARGIN
from kosmos_ros.evaluation.questions.simulated import absent_pairs, named_boxes
from kosmos_ros.evaluation.questions.wordings import (
    FAR_SIDE,
    PAIR_WORDINGS,
    PairWording,
    PLURAL,
    plural_of,
    SIDE,
    STRANGE_BOTH,
    STRANGE_COLOR,
    STRANGE_COLORS,
    STRANGE_NOUN,
    STRANGE_NOUN_IN_COLOR,
    STRANGE_NOUNS,
    Wording,
)
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.vocabulary import COLORS, SHAPES

WORDINGS_OF_A_SCENE = 2

Asked = tuple[str, Sequence[VisibleObject]]
"""A phrase and the things it names; none: they are absent."""


def wording_cases(frame: RenderedFrame, seed: int) -> list[Case]:
    """
    Return the questions about a frame.

    :param seed: the scene's; the same frame and seed give the same questions.
    """
    askable, rng = AskableObjects(frame), Random(f'wordings {seed}')
    makers = [*_MAKERS]
    rng.shuffle(makers)
    cases: list[Case] = []
    for make in makers:
        if len(cases) < 2 * WORDINGS_OF_A_SCENE:
            cases += make(askable, rng)
    return [*cases, _strange(askable, rng)]


def _case(wording: Wording, asked: Asked, absent: Kind = Kind.WORDING_ABSENT) -> Case:
    phrase, things = asked
    kind = Kind.WORDING if things else absent
    request = GroundingRequest(phrase, Task.LOCATE)
    return Case(kind, request, named_boxes(things), wording=wording.name)


def _both(wording: Wording, present: Asked | None, absent: Asked | None) -> Iterator[Case]:
    """Yield the question about a present thing, and with it one about an absent one."""
    if present:
        yield _case(wording, present)
        if absent:
            yield _case(wording, absent)


def _pair(wording: PairWording, askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for a colour and a shape."""
    alone = [thing for thing in askable.named if askable.unique(thing.shape, thing.color)]
    present = (
        (phrase, [thing])
        for thing in rng.sample(alone, len(alone))
        if (phrase := wording.phrase(rng, thing.color, thing.shape))
    )
    pairs = absent_pairs(askable, rng)
    absent = (
        (phrase, ())
        for shape, color in rng.sample(pairs, len(pairs))
        if (phrase := wording.phrase(rng, color, shape))
    )
    yield from _both(wording, next(present, None), next(absent, None))


def _absent_shape(askable: AskableObjects, rng: Random) -> str | None:
    shapes = [shape for shape in SHAPES if askable.all_of(shape=shape) == ()]
    return rng.choice(shapes) if shapes else None


def _plural(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for all things of a shape."""
    several = [things for shape in SHAPES if len(things := askable.all_of(shape=shape) or ()) > 1]
    form = rng.choice(('{}', 'all the {}'))
    shape = _absent_shape(askable, rng)
    if several and shape:
        things = rng.choice(several)
        present = (form.format(plural_of(things[0].shape)), things)
        yield from _both(PLURAL, present, (form.format(plural_of(shape)), ()))


def _clear_ends(things: Sequence[VisibleObject]) -> dict[str, VisibleObject]:
    """Return the leftmost and rightmost of several things where no other is nearly as far."""
    ordered = sorted(things, key=center)
    ends = {'left': ordered[:2], 'right': ordered[-2:]}
    return {
        side: near[0] if side == 'left' else near[-1]
        for side, near in ends.items()
        if len(near) == 2 and center(near[1]) - center(near[0]) >= CLEAR_MARGIN
    }


def _side(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Single out one of two things of a shape by its side."""
    twos = [things for shape in SHAPES if len(things := askable.all_of(shape=shape) or ()) == 2]
    ends = [(side, thing) for things in twos for side, thing in _clear_ends(things).items()]
    shape = _absent_shape(askable, rng)
    if ends and shape:
        side, thing = rng.choice(ends)
        form = rng.choice(('the {} on the {}', 'the {} on the {} side'))
        present = (form.format(thing.shape, side), [thing])
        yield from _both(SIDE, present, (form.format(shape, side), ()))


def _far_side(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for the thing that is farthest on a side."""
    ends = list(_clear_ends(askable.named).items()) if askable.complete else []
    shape = _absent_shape(askable, rng)
    if ends and shape:
        side, thing = rng.choice(ends)
        noun = rng.choice(('thing', 'object'))
        present = (f'the {noun} on the far {side}', [thing])
        yield from _both(FAR_SIDE, present, (f'the {shape} on the far {side}', ()))


def _strange(askable: AskableObjects, rng: Random) -> Case:
    """Ask for something that is never on the table."""
    thing = rng.choice(askable.named) if askable.named else None
    color = thing.color if thing else rng.choice(list(COLORS))
    shape = thing.shape if thing else rng.choice(SHAPES)
    noun, strange = rng.choice(STRANGE_NOUNS), rng.choice(STRANGE_COLORS)
    phrases = {
        STRANGE_NOUN: f'the {noun}',
        STRANGE_NOUN_IN_COLOR: f'the {color} {noun}',
        STRANGE_COLOR: f'the {strange} {shape}',
        STRANGE_BOTH: f'the left-handed {noun}',
    }
    wording, phrase = rng.choice(list(phrases.items()))
    return _case(wording, (phrase, ()), Kind.STRANGE)


def _maker(wording: PairWording) -> Callable[[AskableObjects, Random], Iterator[Case]]:
    return lambda askable, rng: _pair(wording, askable, rng)


_MAKERS = (*map(_maker, PAIR_WORDINGS), _plural, _side, _far_side)
