# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions people ask about the table, with their answers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from kosmos_ros.sim.vocabulary import NUMBERS, SHAPES
from training.table import Description, Table, Thing
from training.texts.captions import EMPTY_BRIEF, listing, name
from training.texts.examples import ask_example, Example, grounded
from training.texts.phrases import absent_description, describe, Referring, unknown_words
from training.texts.region_questions import (
    region_check,
    region_color,
    region_identity,
    region_shape,
    region_size,
)
from training.texts.relations import related, RELATION_WORDS
from training.texts.superlatives import superlative_phrase
from training.texts.wording import noun_phrase
from training.texts.words import article, plural

NOT_THERE = ' not in the image.'
_COUNT_ALL = (
    *('How many objects are there', 'How many objects are on the table'),
    *('How many things are there', 'How many things are on the table'),
    *('How many objects do you see', 'How many objects can you see'),
)
_COUNT = ('are there', 'are there', 'are on the table', 'do you see', 'can you see')
_WHAT_IS_THERE = (
    *('What is on the table', 'What objects are there', 'What objects are on the table'),
    *('What do you see', 'What can you see', 'What is in the image', 'What is this'),
)


def _unique(rng: Random, table: Table, by_shape: bool) -> Thing | None:
    if not table.things:
        return None
    thing = rng.choice(table.things)
    description = Description(thing.shape) if by_shape else Description(None, thing.color)
    return thing if table.select(description) == (thing,) else None


def named_color(rng: Random, table: Table) -> Example | None:
    """Ask for the colour of a thing named by its shape; sometimes it is absent."""
    form = rng.choice(
        ('What color is the {}', 'What colour is the {}', 'What is the color of the {}')
    )
    draw = rng.random()
    if draw < 0.08:
        return ask_example(form.format(unknown_words(rng)), (NOT_THERE,))
    if draw < 0.2:
        shape = rng.choice(SHAPES)
        absent = table.select(Description(shape)) == ()
        return ask_example(form.format(shape), (NOT_THERE,)) if absent else None
    thing = _unique(rng, table, by_shape=True)
    if thing is None:
        return None
    noun = noun_phrase(rng, Description(thing.shape))
    return ask_example(form.format(noun), (f' {thing.color}.',))


def named_shape(rng: Random, table: Table) -> Example | None:
    """Ask what the thing of a colour is."""
    thing = _unique(rng, table, by_shape=False)
    if thing is None:
        return None
    noun = rng.choice(('object', 'object', 'thing'))
    form = rng.choice(('What is the {} {}', 'What is the {} {}', 'What shape is the {} {}'))
    answer = f' {thing.shape}.' if 'shape' in form else f' {article(thing.shape)} {thing.shape}.'
    return ask_example(form.format(thing.color, noun), (answer,))


def extreme_identity(rng: Random, table: Table) -> Example | None:
    """Ask what the leftmost, largest, ... object is."""
    referring = superlative_phrase(rng, table)
    if referring is None:
        return None
    (thing,) = referring.things
    return ask_example(f'What is {referring.text}', (f' {name(thing)}.',))


def related_identity(rng: Random, table: Table) -> Example | None:
    """Ask what lies in a direction from a thing."""
    anchor = rng.choice(table.things) if table.things else None
    if anchor is None or table.doubtful:
        return None
    description = Description(anchor.shape, anchor.color if rng.random() < 0.6 else None)
    relation = rng.choice(RELATION_WORDS)
    things = related(table.things, anchor, relation)
    if table.select(description) != (anchor,) or things is None or len(things) > 3:
        return None
    answer = listing(Table(things)) if things else (' nothing.',)
    question = f'What is {relation} the {noun_phrase(rng, description)}'
    return ask_example(question, answer)


def count_all(rng: Random, table: Table) -> Example | None:
    """Ask how many things there are."""
    if table.doubtful:
        return None
    return ask_example(rng.choice(_COUNT_ALL), (f' {NUMBERS[len(table.things)]}.',))


def count(rng: Random, table: Table) -> Example | None:
    """Ask how many things of a kind there are."""
    draw = rng.random()
    thing = rng.choice(table.things) if table.things else None
    if thing is None or draw < 0.25:
        description = Description(rng.choice(SHAPES))
    elif draw < 0.7:
        description = Description(thing.shape)
    elif draw < 0.85:
        description = Description(None, thing.color)
    else:
        description = Description(thing.shape, thing.color)
    things = table.select(description)
    if things is None:
        return None
    words = noun_phrase(rng, description, many=True)
    return ask_example(f'How many {words} {rng.choice(_COUNT)}', (f' {NUMBERS[len(things)]}.',))


def exists(rng: Random, table: Table) -> Example | None:
    """Ask whether something is there."""
    draw = rng.random()
    answer = ' No.'
    if draw < 0.15:
        words = unknown_words(rng)
    elif draw < 0.55:
        absent = absent_description(rng, table)
        if absent is None:
            return None
        words = noun_phrase(rng, absent)
    else:
        description = describe(rng, rng.choice(table.things)) if table.things else None
        if description is None or not table.select(description):
            return None
        words, answer = noun_phrase(rng, description), ' Yes.'
    start = rng.choice(('Is there', 'Is there', 'Do you see', 'Can you see'))
    end = rng.choice(('', '', ' on the table', ' here', ' in the image'))
    return ask_example(f'{start} {article(words)} {words}{end}', (answer,))


def where(rng: Random, table: Table) -> Example | None:
    """Ask where something is; the answer is the phrase with its boxes."""
    draw = rng.random()
    if draw < 0.25:
        words = unknown_words(rng)
        if draw < 0.15:
            absent = absent_description(rng, table)
            if absent is None:
                return None
            words = noun_phrase(rng, absent)
        return ask_example(f'Where is the {words}', (NOT_THERE,))
    if not table.things:
        return None
    description = describe(rng, rng.choice(table.things))
    things = table.select(description)
    if not things:
        return None
    many = len(things) > 1
    referring = Referring(f'the {noun_phrase(rng, description, many)}', things)
    verb = 'are' if many else 'is'
    answer = (*grounded(f' {referring.text}', things), '.')
    return ask_example(f'Where {verb} {referring.text}', answer)


def what_is_there(rng: Random, table: Table) -> Example:
    """Ask for everything on the table."""
    answer = listing(table) if table.things else (EMPTY_BRIEF,)
    return ask_example(rng.choice(_WHAT_IS_THERE), answer)


def how_many_of_nothing(rng: Random) -> Example:
    """Ask how many there are of something unknown."""
    words = plural(unknown_words(rng))
    return ask_example(f'How many {words} {rng.choice(_COUNT)}', (f' {NUMBERS[0]}.',))


QUESTIONS: tuple[tuple[Callable[[Random, Table], Example | None], float], ...] = (
    (region_identity, 2.0),
    (region_color, 2.0),
    (region_shape, 0.5),
    (region_size, 0.7),
    (region_check, 0.8),
    (named_color, 2.0),
    (named_shape, 2.5),
    (extreme_identity, 0.7),
    (related_identity, 0.8),
    (count_all, 1.6),
    (count, 3.2),
    (exists, 2.5),
    (where, 1.5),
    (lambda rng, _: how_many_of_nothing(rng), 0.15),
)
"""Kinds of questions and how often each is asked."""


def question(rng: Random, table: Table) -> Example | None:
    """Ask one question of any kind."""
    makers = [maker for maker, _ in QUESTIONS]
    maker = rng.choices(makers, [weight for _, weight in QUESTIONS])[0]
    return maker(rng, table)
