# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Captions of the whole table."""

from __future__ import annotations

from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.sim.vocabulary import NUMBERS
from training.table import Table, Thing
from training.texts.examples import Example, grounded, listed, Part
from training.texts.words import article

BRIEF_PROMPT = ' An image of'
DETAILED_PROMPT = ' Describe this image in detail:'
EMPTY_BRIEF = ' an empty table.'
EMPTY_DETAILED = ' There is nothing on the table.'


def name(thing: Thing, sized: bool = False) -> str:
    """Return colour and shape with an article, such as ``an orange ball``."""
    words = f'{thing.size} {thing.color}' if sized else thing.color
    return f'{article(words)} {words} {thing.shape}'


def listing(table: Table, sized: bool = False, with_boxes: bool = True) -> tuple[Part, ...]:
    """Name all things from left to right: ``a, b and c.``, each with its box."""
    named = [(f' {name(thing, sized)}', thing) for thing in table.things]
    return listed([grounded(text, [thing]) if with_boxes else (text,) for text, thing in named])


def brief_caption(table: Table) -> Example:
    """Make a grounded short caption."""
    answer = listing(table) if table.things else (EMPTY_BRIEF,)
    return Example((Tag.GROUNDING, BRIEF_PROMPT), answer)


def plain_caption(table: Table) -> Example:
    """Make a short caption without boxes."""
    answer = listing(table, with_boxes=False) if table.things else (EMPTY_BRIEF,)
    return Example((BRIEF_PROMPT,), answer)


def detailed_caption(table: Table) -> Example:
    """Make a grounded caption that counts the things and names their sizes."""
    prompt = (Tag.GROUNDING, DETAILED_PROMPT)
    count = len(table.things)
    if not count:
        return Example(prompt, (EMPTY_DETAILED,))
    noun, verb = ('object', 'is') if count == 1 else ('objects', 'are')
    opening = f' There {verb} {NUMBERS[count]} {noun} on the table:'
    return Example(prompt, (opening, *listing(table, sized=True)))
