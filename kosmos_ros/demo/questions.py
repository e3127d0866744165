# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Questions about a scene, with answers from the ground truth.

They are made from the visible objects. An object is asked for only if enough of it is visible and
its colour and shape single it out; hidden ones still count when something is to be absent, unique
or counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from random import Random

from kosmos_ros.core.geometry import box_to_region, iou
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Region, Role, Task
from kosmos_ros.demo.truth import Truth, TruthObject
from kosmos_ros.evaluation.questions.instructions import instructions
from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES

MOST_LOCATED = 3
"""Objects that one LOCATE request asks for."""


@dataclass(frozen=True)
class DemoQuestion:
    """
    A request and its right answer.

    ``targets`` are the objects that the answer's boxes belong on: for LOCATE one for each phrase
    of the query, or None for a phrase that names nothing in the image. ``answer`` holds the words
    that the answer's text must match, where the text counts. INSTRUCT has a target for each object
    of the instruction in the order of its text, and their ``roles``.
    """

    task: Task
    query: str
    region: Region | None = None
    targets: tuple[TruthObject | None, ...] = ()
    answer: str = ''
    roles: tuple[Role, ...] = ()

    @property
    def wording(self) -> str:
        """The question, in words where the request has none."""
        words = self.query or TABLE[self.task].unsaid
        if self.region is None:
            return words
        region = self.region
        return f'{words} {region.width}x{region.height} at {region.x},{region.y}'

    def seen_in(self, truth: Truth) -> DemoQuestion:
        """Return the question with its targets as in another image of the scene."""
        targets = tuple(target and _same(target, truth) for target in self.targets)
        return replace(self, targets=targets)


def questions_about(truth: Truth, rng: Random) -> tuple[DemoQuestion, ...]:
    """Return one question of each task, two for most; fewer for a poor scene."""
    makers = (locate_several, locate_absent, describe, identify)
    asked = [question for make in makers if (question := make(truth, rng))]
    return (*asked, *_ask_two(truth, rng), *instruct_two(truth, rng))


def questions_from_afar(truth: Truth, rng: Random) -> tuple[DemoQuestion, ...]:
    """Return questions about a scene in which everything is small."""
    makers = (locate_several, locate_absent, identify)
    return tuple(question for make in makers if (question := make(truth, rng)))


def locate_several(truth: Truth, rng: Random) -> DemoQuestion | None:
    """Ask where up to three objects are, in one request."""
    askable = list(truth.askable)
    if not askable:
        return None
    targets = rng.sample(askable, min(MOST_LOCATED, len(askable)))
    query = '; '.join(f'the {thing.name}' for thing in targets)
    return DemoQuestion(Task.LOCATE, query, targets=tuple(targets))


def locate_absent(truth: Truth, rng: Random) -> DemoQuestion:
    """Ask for something absent, in words that the model knows."""
    pairs = product(COLORS, SHAPES)
    absent = [f'{color} {shape}' for color, shape in pairs if not truth.matching(color, shape)]
    return DemoQuestion(Task.LOCATE, f'the {rng.choice(absent)}', targets=(None,))


def describe(truth: Truth, rng: Random) -> DemoQuestion | None:  # noqa: ARG001 (as the other makers)
    """Ask for a caption, which should name every nameable object."""
    if not truth.nameable:
        return None
    return DemoQuestion(Task.DESCRIBE, '', targets=truth.objects)


def identify(truth: Truth, rng: Random) -> DemoQuestion | None:
    """Ask what is in the box of an object."""
    if not truth.nameable:
        return None
    thing = rng.choice(truth.nameable)
    region = box_to_region(thing.box, truth.width, truth.height)
    return DemoQuestion(Task.IDENTIFY, '', region, (thing,), thing.name)


def instruct_two(truth: Truth, rng: Random) -> Iterator[DemoQuestion]:
    """Tell a robot what to do: with a relation if possible, sometimes with a mistake."""
    hidden = [thing for thing in truth.objects if not thing.nameable]
    made = dict(instructions(truth.nameable, hidden, rng))
    order = ['related', *(('plain', 'absent') if rng.random() < 0.5 else ('absent', 'plain'))]
    for kind in [kind for kind in order if kind in made][:2]:
        roles, targets = zip(*made[kind].parts, strict=True)
        yield DemoQuestion(Task.INSTRUCT, made[kind].text, targets=targets, roles=roles)


def _same(target: TruthObject, truth: Truth) -> TruthObject | None:
    candidates = truth.matching(target.color, target.shape)
    return max(candidates, key=lambda thing: iou(thing.box, target.box), default=None)


def _ask_two(truth: Truth, rng: Random) -> Iterator[DemoQuestion]:
    makers = [_where, _what_color, _what_shape, _how_many, _is_there]
    rng.shuffle(makers)
    possible = (question for make in makers if (question := make(truth, rng)))
    yield from islice(possible, 2)


def _where(truth: Truth, rng: Random) -> DemoQuestion | None:
    if not truth.askable:
        return None
    thing = rng.choice(truth.askable)
    return DemoQuestion(Task.ASK, f'Where is the {thing.name}?', targets=(thing,))


def _what_color(truth: Truth, rng: Random) -> DemoQuestion | None:
    unique = [thing for thing in truth.nameable if len(truth.matching(shape=thing.shape)) == 1]
    if not unique:
        return None
    thing = rng.choice(unique)
    return DemoQuestion(Task.ASK, f'What color is the {thing.shape}?', answer=thing.color)


def _what_shape(truth: Truth, rng: Random) -> DemoQuestion | None:
    unique = [thing for thing in truth.nameable if len(truth.matching(color=thing.color)) == 1]
    if not unique:
        return None
    thing = rng.choice(unique)
    return DemoQuestion(Task.ASK, f'What is the {thing.color} object?', answer=thing.shape)


def _how_many(truth: Truth, rng: Random) -> DemoQuestion | None:
    # Whether a half hidden object counts is debatable.
    clear = [
        shape for shape in SHAPES if all(thing.nameable for thing in truth.matching(shape=shape))
    ]
    seen = [shape for shape in clear if truth.matching(shape=shape)]
    if not seen:
        return None
    shape = rng.choice(seen)
    plural = shape + 'es' if shape.endswith('x') else shape + 's'
    number = NUMBERS[len(truth.matching(shape=shape))]
    return DemoQuestion(Task.ASK, f'How many {plural} are there?', answer=number)


def _is_there(truth: Truth, rng: Random) -> DemoQuestion | None:
    if not truth.askable:
        return None
    color, shape, answer = rng.choice(truth.askable).color, rng.choice(SHAPES), 'yes'
    matching = truth.matching(color, shape)
    if not matching:
        answer = 'no'
    elif not any(thing.nameable for thing in matching):
        return None
    article = 'an' if color[0] in 'aeiou' else 'a'
    return DemoQuestion(Task.ASK, f'Is there {article} {color} {shape}?', answer=answer)
