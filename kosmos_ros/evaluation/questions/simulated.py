# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Questions about a rendered scene, with answers from the ground truth.

Nothing is asked that a person could not answer: things that are mostly hidden or cut off by the
edge of the image are neither asked for nor called absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from kosmos_ros.core.types import GroundingRequest, Region, Task
from kosmos_ros.evaluation.questions.askable import AskableObjects
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.instructions import center, CLEAR_MARGIN, instructions
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES

UNKNOWN_THINGS = ('snowman', 'screwdriver', 'cactus', 'blue suitcase', 'red toothpaste', 'yoyo')
"""Words that are neither in the simulator nor in any text of the training."""

CLEAR_RATIO = 1.4
"""The largest thing has at least this many times the area of the next."""


def named_boxes(things: Sequence[VisibleObject]) -> tuple[NamedBox, ...]:
    """Return names and boxes."""
    return tuple(NamedBox(thing.name, thing.box) for thing in things)


def locate_case(kind: Kind, phrase: str, things: Sequence[VisibleObject] = ()) -> Case:
    """Ask for the boxes of a phrase."""
    return Case(kind, GroundingRequest(phrase, Task.LOCATE), named_boxes(things))


def ask_case(kind: Kind, question: str, text: str, region: Region | None = None) -> Case:
    """Ask for words."""
    return Case(kind, GroundingRequest(question, Task.ASK, region), text=text)


def unique_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for up to two things that only one phrase fits."""
    alone = [thing for thing in askable.named if askable.unique(thing.shape, thing.color)]
    for thing in rng.sample(alone, min(2, len(alone))):
        yield locate_case(Kind.UNIQUE, f'the {thing.name}', [thing])


def several_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for all things of a shape or a colour."""
    groups = [(f'the {shape}s', askable.all_of(shape=shape)) for shape in SHAPES if shape != 'box']
    groups += [(f'the {color} objects', askable.all_of(color=color)) for color in COLORS]
    groups.append(('the boxes', askable.all_of(shape='box')))
    several = [(phrase, things) for phrase, things in groups if things and len(things) > 1]
    if several:
        phrase, things = rng.choice(several)
        yield locate_case(Kind.SEVERAL, phrase, things)


_EXTREMES = {
    'leftmost': (0, -1),
    'rightmost': (0, 1),
    'topmost': (1, -1),
    'bottommost': (1, 1),
}
"""Axis of the image and direction along it."""

_SIZES = {'largest': 1.0, 'smallest': -1.0}


def superlative_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for the thing with the most of an attribute, where that is clear."""
    if not askable.complete or len(askable.named) < 2:
        return
    word = rng.choice([*_EXTREMES, *_SIZES])
    if word in _SIZES:
        ordered = sorted(askable.named, key=lambda thing: _SIZES[word] * thing.box.area)
        areas = [thing.box.area for thing in ordered[-2:]]
        clear = max(areas) / min(areas) >= CLEAR_RATIO
    else:
        axis, sign = _EXTREMES[word]
        ordered = sorted(askable.named, key=lambda thing: sign * center(thing, axis))
        clear = sign * (center(ordered[-1], axis) - center(ordered[-2], axis)) >= CLEAR_MARGIN
    if clear:
        yield locate_case(Kind.SUPERLATIVE, f'the {word} object', ordered[-1:])


_RELATIONS = {'left of': (0, -1), 'right of': (0, 1), 'behind': (1, -1), 'in front of': (1, 1)}


def relation_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for things of a shape by their relation to a unique thing."""
    if len(askable.named) < 2:
        return
    subject, anchor = rng.sample(askable.named, 2)
    candidates = askable.all_of(shape=subject.shape)
    if candidates is None or askable.unique(anchor.shape, anchor.color) is None:
        return
    others = [thing for thing in candidates if thing is not anchor]
    relation = rng.choice(list(_RELATIONS))
    axis, sign = _RELATIONS[relation]
    distances = [sign * (center(thing, axis) - center(anchor, axis)) for thing in others]
    things = [thing for thing, distance in zip(others, distances, strict=True) if distance > 0]
    if things and all(abs(distance) >= CLEAR_MARGIN for distance in distances):
        phrase = f'the {subject.shape} {relation} the {anchor.name}'
        yield locate_case(Kind.RELATION, phrase, things)


def absent_pairs(askable: AskableObjects, rng: Random) -> list[tuple[str, str]]:
    """Return absent pairs of shape and colour, half of them nearly present."""
    pairs = [(shape, color) for shape in SHAPES for color in COLORS]
    near = [
        (shape, color)
        for shape, color in pairs
        if askable.all_of(shape=shape) or askable.all_of(color=color)
    ]
    return [
        (shape, color)
        for shape, color in (near if near and rng.random() < 0.5 else pairs)
        if askable.all_of(shape, color) == ()
    ]


def absent_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for an absent colour and shape, half of them nearly present; and for a new word."""
    shape, color = rng.choice(absent_pairs(askable, rng))
    yield locate_case(Kind.ABSENT, f'the {color} {shape}')
    yield locate_case(Kind.UNKNOWN, f'the {rng.choice(UNKNOWN_THINGS)}')


def region_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask what is in a region, as IDENTIFY and in words."""
    if not askable.named:
        return
    thing = rng.choice(askable.named)
    region = askable.region(thing)
    request = GroundingRequest(task=Task.IDENTIFY, region=region)
    yield Case(Kind.IDENTIFY, request, text=thing.name)
    question, text = rng.choice(
        (('what colour is this object', thing.color), ('What color is this?', thing.color))
    )
    yield ask_case(Kind.ASK_COLOR, question, text, region)
    question = rng.choice(('what is this', 'What is this object?'))
    yield ask_case(Kind.ASK_WHAT, question, thing.name, region)


def name_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask about a thing by its name."""
    if not askable.named:
        return
    thing = rng.choice(askable.named)
    if askable.unique(shape=thing.shape):
        yield ask_case(Kind.ASK_COLOR, f'what colour is the {thing.shape}?', thing.color)
    if askable.unique(color=thing.color):
        yield ask_case(Kind.ASK_WHAT, f'What is the {thing.color} object?', thing.shape)
    if askable.unique(thing.shape, thing.color):
        request = GroundingRequest(f'where is the {thing.name}', Task.ASK)
        yield Case(Kind.ASK_WHERE, request, named_boxes([thing]))


def count_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask how many there are, of everything or of a shape, and whether there is one."""
    if askable.complete:
        text = NUMBERS[len(askable.named)]
        yield ask_case(Kind.ASK_COUNT, 'how many objects are there', text)
    shapes = [thing.shape for thing in askable.named] or list(SHAPES)
    shape = rng.choice(shapes if rng.random() < 0.8 else list(SHAPES))
    things = askable.all_of(shape=shape)
    if things is not None:
        plural = 'boxes' if shape == 'box' else f'{shape}s'
        yield ask_case(Kind.ASK_COUNT, f'how many {plural} are there', NUMBERS[len(things)])
    color = rng.choice(list(COLORS))
    if askable.named and rng.random() < 0.5:
        thing = rng.choice(askable.named)
        shape, color = thing.shape, thing.color
    found = askable.all_of(shape, color)
    if found is not None:
        article = 'an' if color == 'orange' else 'a'
        text = 'yes' if found else 'no'
        yield ask_case(Kind.ASK_EXISTS, f'is there {article} {color} {shape}', text)


def caption_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Ask for a description, short or long."""
    request = GroundingRequest(rng.choice(('brief', 'detailed')), Task.DESCRIBE)
    if askable.named:
        doubtful = named_boxes(askable.doubtful)
        yield Case(Kind.CAPTION, request, named_boxes(askable.named), doubtful=doubtful)
    elif askable.complete:
        yield Case(Kind.EMPTY, request)


_INSTRUCTIONS = {
    'plain': Kind.INSTRUCT,
    'related': Kind.INSTRUCT_RELATED,
    'absent': Kind.INSTRUCT_ABSENT,
}


def instruct_cases(askable: AskableObjects, rng: Random) -> Iterator[Case]:
    """Tell a robot what to do with present things, and with absent ones."""
    for kind, instruction in instructions(askable.named, askable.doubtful, rng):
        parts = tuple(
            (role, NamedBox(thing.name, thing.box) if thing else None)
            for role, thing in instruction.parts
        )
        request = GroundingRequest(instruction.text, Task.INSTRUCT)
        yield Case(_INSTRUCTIONS[kind], request, parts=parts)


_MAKERS = (
    *(unique_cases, several_cases, superlative_cases, relation_cases, absent_cases),
    *(region_cases, name_cases, count_cases, caption_cases, instruct_cases),
)


def make_cases(frame: RenderedFrame, seed: int) -> list[Case]:
    """
    Return the questions about a frame.

    :param seed: the scene's; the same frame and seed give the same questions.
    """
    askable = AskableObjects(frame)
    rng = Random(seed)
    return [case for make in _MAKERS for case in make(askable, rng)]
