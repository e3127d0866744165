# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Examples about one image: a mix of prompts of all tasks with their answers."""

from __future__ import annotations

from random import Random

from training.table import Table
from training.texts.captions import brief_caption, detailed_caption, plain_caption
from training.texts.examples import Example, locate_example
from training.texts.phrases import absent_phrase, as_typed, everything_phrase, present_phrase
from training.texts.questions import question, what_is_there
from training.texts.region_questions import identify
from training.texts.relations import adrift_phrase, near_phrase, relation_phrase
from training.texts.superlatives import missing_extreme_phrase, superlative_phrase

_LOCATE = {
    present_phrase: 6,
    absent_phrase: 4,
    superlative_phrase: 2,
    missing_extreme_phrase: 1,
    relation_phrase: 5,
    near_phrase: 1,
    adrift_phrase: 1,
}
_IDENTIFY, _QUESTIONS = 3, 6


def caption(rng: Random, table: Table) -> Example:
    """Caption the table in one of the model's styles."""
    draw = rng.random()
    if draw < 0.5:
        return brief_caption(table)
    if draw < 0.62:
        return plain_caption(table)
    return detailed_caption(table) if draw < 0.88 else what_is_there(rng, table)


def examples(rng: Random, table: Table, caption_chance: float = 0.6) -> list[Example]:
    """
    Make examples of all tasks about one table, most useful first.

    :param caption_chance: probability of a caption, which is long, among them.
    """
    made = [make(rng, table) for make, times in _LOCATE.items() for _ in range(times)]
    if rng.random() < 0.15:
        made.append(everything_phrase(rng, table))
    located = [locate_example(*as_typed(rng, found)) for found in made if found is not None]
    asked = [identify(rng, table) for _ in range(_IDENTIFY)]
    asked += [question(rng, table) for _ in range(_QUESTIONS)]
    mixed = located + [example for example in asked if example is not None]
    rng.shuffle(mixed)
    first = [caption(rng, table)] if rng.random() < caption_chance else []
    return first + mixed
