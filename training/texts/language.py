# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Examples about one image: a mix of prompts of all tasks with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from training.table import Table
from training.texts.captions import brief_caption, detailed_caption, plain_caption
from training.texts.examples import Example, locate_example, spoken_example, unseen_example
from training.texts.phrases import (
    absent_phrase,
    as_typed,
    everything_phrase,
    present_phrase,
    Referring,
)
from training.texts.questions import NOT_THERE, question, what_is_there
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
_UNSEEN = 3


class Mix(NamedTuple):
    """
    What the examples about one image are.

    ``absent_share`` of the absent phrases, and of the answers that something is not there, are
    kept; ``phrase_loss`` teaches how likely the phrases to locate are, with and without an image.
    """

    absent_share: float = 1.0
    phrase_loss: bool = False

    def keeps(self, rng: Random, absent: bool) -> bool:
        """Tell whether one example is kept."""
        return not absent or self.absent_share >= 1 or rng.random() < self.absent_share


def caption(rng: Random, table: Table) -> Example:
    """Caption the table in one of the model's styles."""
    draw = rng.random()
    if draw < 0.5:
        return brief_caption(table)
    if draw < 0.62:
        return plain_caption(table)
    return detailed_caption(table) if draw < 0.88 else what_is_there(rng, table)


def _located(rng: Random, made: Sequence[Referring | None], mix: Mix) -> list[Example]:
    """Write the LOCATE examples of phrases."""
    kept = [one for one in made if one is not None and mix.keeps(rng, not one.things)]
    typed = [as_typed(rng, one) for one in kept]
    if not mix.phrase_loss:
        return [locate_example(*one) for one in typed]
    unseen = [unseen_example(one.text) for one in typed[:_UNSEEN]]
    return [spoken_example(*one) for one in typed] + unseen


def examples(
    rng: Random, table: Table, caption_chance: float = 0.6, mix: Mix | None = None
) -> list[Example]:
    """
    Make examples of all tasks about one table, most useful first.

    :param caption_chance: probability of a caption, which is long, among them.
    :param mix: by default the embedded model's.
    """
    mix = mix or Mix()
    made = [make(rng, table) for make, times in _LOCATE.items() for _ in range(times)]
    if rng.random() < 0.15:
        made.append(everything_phrase(rng, table))
    located = _located(rng, made, mix)
    asked = [identify(rng, table) for _ in range(_IDENTIFY)]
    asked += [question(rng, table) for _ in range(_QUESTIONS)]
    mixed = located + [one for one in asked if one and mix.keeps(rng, one.answer == (NOT_THERE,))]
    rng.shuffle(mixed)
    first = [caption(rng, table)] if rng.random() < caption_chance else []
    return first + mixed
