# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A training example: a prompt and the answer to write, as parts of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from kosmos_ros.core.model.grammar import Tag
from training.table import Thing


@dataclass(frozen=True)
class BoxPart:
    """Two location tokens; the corners are kept exact, normalised, for the loss."""

    x0: float
    y0: float
    x1: float
    y1: float


Part = Union[str, Tag, BoxPart]


@dataclass(frozen=True)
class Example:
    """
    A given prompt and the answer to write.

    ``seen`` is False where there is no image before the prompt; nothing ends such an answer.
    """

    prompt: tuple[Part, ...]
    answer: tuple[Part, ...]
    seen: bool = True


def boxes(things: Sequence[Thing]) -> tuple[Part, ...]:
    """Return the grammar of one or several boxes of one phrase."""
    parts: list[Part] = [Tag.OBJECT]
    for index, thing in enumerate(things):
        if index:
            parts.append(Tag.DELIMITER)
        parts.append(BoxPart(*thing.box))
    return (*parts, Tag.OBJECT_END)


def grounded(text: str, things: Sequence[Thing]) -> tuple[Part, ...]:
    """Return a phrase (with its leading space) and its boxes."""
    return (Tag.PHRASE, text, Tag.PHRASE_END, *boxes(things))


def listed(phrases: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """Join phrases to a list such as ``a, b and c.`` for the model to write."""
    parts: list[Part] = []
    for place, phrase in enumerate(phrases):
        if place:
            parts.append(' and' if place == len(phrases) - 1 else ',')
        parts += phrase
    return (*parts, '.')


def locate_example(phrase: str, things: Sequence[Thing]) -> Example:
    """Make a LOCATE example; nothing to find means that the answer ends at once."""
    prompt = (Tag.GROUNDING, Tag.PHRASE, f' {phrase}', Tag.PHRASE_END)
    return Example(prompt, boxes(things) if things else ())


def spoken_example(phrase: str, things: Sequence[Thing]) -> Example:
    """Make a LOCATE example whose phrase is learned as well as its boxes."""
    where = boxes(things) if things else ()
    return Example((Tag.GROUNDING, Tag.PHRASE), (f' {phrase}', Tag.PHRASE_END, *where))


def unseen_example(phrase: str) -> Example:
    """Make an example that teaches how likely a phrase is where no image is given."""
    return Example((Tag.GROUNDING, Tag.PHRASE), (f' {phrase}', Tag.PHRASE_END), seen=False)


def ask_example(
    before: str, answer: Sequence[Part], about: tuple[str, Thing] | None = None, after: str = ''
) -> Example:
    """
    Make an ASK example.

    :param about: the phrase that stands for a region, and the thing in it; the question is
        ``before`` and ``after`` it.
    """
    if about is None:
        question: tuple[Part, ...] = (f' Question: {before}? Answer:',)
    else:
        phrase, thing = about
        question = (f' Question: {before}', *grounded(f' {phrase}', [thing]), f'{after}? Answer:')
    return Example((Tag.GROUNDING, *question), tuple(answer))
