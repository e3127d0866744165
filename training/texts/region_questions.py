# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about a marked region of the image, with their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from kosmos_ros.core.model.grammar import Tag
from training.table import Table, Thing
from training.texts.captions import name
from training.texts.examples import ask_example, Example, grounded
from training.texts.phrases import altered, describe
from training.texts.wording import noun_phrase
from training.texts.words import article

JITTER = 0.07
"""A region drawn by hand is off by about this fraction of its size."""

_REGION_PHRASES = (*['this object'] * 3, *['this'] * 3, 'it', 'this thing', 'that object', 'that')


def jittered(rng: Random, thing: Thing) -> Thing:
    """Return the thing with a box as a user might draw it."""
    if rng.random() < 0.5:
        return thing
    width, height = thing.box[2] - thing.box[0], thing.box[3] - thing.box[1]
    spans = (width, height, width, height)
    x0, y0, x1, y1 = (
        min(1.0, max(0.0, edge + rng.gauss(0.0, JITTER) * span))
        for edge, span in zip(thing.box, spans, strict=True)
    )
    if x1 - x0 < width / 2 or y1 - y0 < height / 2:
        return thing
    return replace(thing, box=(x0, y0, x1, y1))


def identify(rng: Random, table: Table) -> Example | None:
    """Name the thing in a region, with the prompt of IDENTIFY."""
    if not table.things:
        return None
    thing = rng.choice(table.things)
    prompt = (Tag.GROUNDING, *grounded(' It', [jittered(rng, thing)]), ' is')
    return Example(prompt, (f' {name(thing)}.',))


def _region_question(
    rng: Random, table: Table, forms: tuple[str, ...], answer: Callable[[Thing], str]
) -> Example | None:
    """Ask about a region in one of several forms, in which ``{}`` stands for it."""
    if not table.things:
        return None
    thing = rng.choice(table.things)
    before, _, after = rng.choice(forms).partition(' {}')
    about = (rng.choice(_REGION_PHRASES), jittered(rng, thing))
    return ask_example(before, (answer(thing),), about, after)


def region_identity(rng: Random, table: Table) -> Example | None:
    """Ask what the thing in a region is."""
    forms = ('What is {}', 'What is {}', 'What object is {}', 'What kind of object is {}')
    return _region_question(rng, table, forms, lambda thing: f' {name(thing)}.')


def region_color(rng: Random, table: Table) -> Example | None:
    """Ask for the colour of the thing in a region."""
    forms = (
        *('What color is {}', 'What colour is {}', 'Which color is {}'),
        *('What is the color of {}', 'What is the colour of {}', 'What color does {} have'),
    )
    return _region_question(rng, table, forms, lambda thing: f' {thing.color}.')


def region_shape(rng: Random, table: Table) -> Example | None:
    """Ask for the shape of the thing in a region."""
    forms = ('What shape is {}', 'What is the shape of {}', 'What shape does {} have')
    return _region_question(rng, table, forms, lambda thing: f' {thing.shape}.')


def region_size(rng: Random, table: Table) -> Example | None:
    """Ask for the size of the thing in a region."""
    forms = ('What size is {}', 'How big is {}', 'How large is {}')
    return _region_question(rng, table, forms, lambda thing: f' {thing.size}.')


def region_check(rng: Random, table: Table) -> Example | None:
    """Ask whether the thing in a region is of a kind."""
    if not table.things:
        return None
    thing = rng.choice(table.things)
    description = describe(rng, thing) if rng.random() < 0.5 else altered(rng, table)
    words = noun_phrase(rng, description)
    about = (rng.choice(('this', 'it', 'that')), jittered(rng, thing))
    answer = ' Yes.' if description.fits(thing) else ' No.'
    return ask_example('Is', (answer,), about, f' {article(words)} {words}')
