# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From questions with known answers to examples: a prompt, and the answer to write.

- LOCATE: a category ("gasket", "the gasket", "a gasket") with all its boxes, or an expression or
  phrase as it is written with its boxes, from left to right.
- LOCATE of a category that is not in the image: the answer ends at once, which lowers the model's
  existence of the phrase. Referring expressions have no such examples: no data set says which of
  them do not fit an image.
- IDENTIFY: the name of one box.
- DESCRIBE, only if asked for: what is there, one phrase a category. A model that writes sentences
  would learn to write lists instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import TraitedCase
from training.table import Thing
from training.texts.captions import BRIEF_PROMPT
from training.texts.examples import Example, grounded, listed, locate_example
from training.texts.words import article

MOST_BOXES = GrounderSettings().max_boxes
"""Phrases with more boxes are not learned: an answer has no more."""

_FORMS = ('{}', '{}', 'the {}', 'the {}', 'a {}', '{}.')
_LEFT_OR_RIGHT = frozenset(('left', 'right', 'leftmost', 'rightmost', 'leftest', 'rightest'))


def lessons(
    rng: Random, questions: Sequence[TraitedCase], most: int, describe: bool
) -> list[Example]:
    """
    Make examples about one image.

    :param rng: decides on wordings, and on which questions if there are more than ``most``.
    :param describe: whether captions are made of the categories.
    """
    asked = [one.case for one in questions if len(one.case.things) <= MOST_BOXES]
    present = [case for case in asked if case.things]
    absent = [case for case in asked if not case.things]
    # As many absent as present, and at least one.
    absent = rng.sample(absent, min(len(absent), max(1, len(present))))
    chosen = present + absent
    made = [locate(rng, case) for case in rng.sample(chosen, min(most, len(chosen)))]
    named = [case for case in present if case.kind is not Kind.PHRASE]
    if named:
        made.append(identify(rng, rng.choice(named)))
    categories = [case for case in present if case.kind is Kind.CATEGORY]
    if describe and categories:
        made.append(caption(categories))
    return made


def locate(rng: Random, case: Case) -> Example:
    """Ask for a phrase; nothing to find means that the answer ends at once."""
    phrase = case.request.query
    if case.kind in (Kind.CATEGORY, Kind.ABSENT):
        phrase = rng.choice(_FORMS).format(phrase)
    return locate_example(phrase, _shown(case.things))


def identify(rng: Random, case: Case) -> Example:
    """Ask for the name of one of the things: its category, or the expression."""
    prompt = (Tag.GROUNDING, *grounded(' It', _shown([rng.choice(case.things)])), ' is')
    text = case.request.query
    name = f' {article(text)} {text}.' if case.kind is Kind.CATEGORY else f' {text}.'
    return Example(prompt, (name,))


def caption(cases: Sequence[Case]) -> Example:
    """Describe the image by its categories."""
    phrases = []
    for case in cases:
        name = case.request.query
        counted = f'{article(name)} {name}' if len(case.things) == 1 else name
        phrases.append(grounded(f' {counted}', _shown(case.things)))
    return Example((Tag.GROUNDING, BRIEF_PROMPT), listed(phrases))


def mirrored(questions: Sequence[TraitedCase]) -> tuple[TraitedCase, ...] | None:
    """
    Return the questions for the left-right mirrored image.

    :returns: None if a text mentions left or right, and would be wrong.
    """
    words = {word for one in questions for word in one.case.request.query.lower().split()}
    if words & _LEFT_OR_RIGHT:
        return None
    return tuple(TraitedCase(_mirrored(one.case), one.traits) for one in questions)


def _mirrored(case: Case) -> Case:
    things = tuple(
        NamedBox(thing.name, Box(1 - thing.box.x1, thing.box.y0, 1 - thing.box.x0, thing.box.y1))
        for thing in case.things
    )
    return Case(case.kind, case.request, things, before=case.before)


def _shown(things: Sequence[NamedBox]) -> list[Thing]:
    """Return boxes from left to right as the texts of the training take them."""
    boxes = sorted((one.box for one in things), key=lambda box: box.x0)
    return [Thing('', '', '', (box.x0, box.y0, box.x1, box.y1)) for box in boxes]
