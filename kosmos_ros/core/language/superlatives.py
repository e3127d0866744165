# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Superlatives: 'the leftmost mug' as the first of the mugs from the left.

A model that sees all of a small image knows which mug is the leftmost. One that sees a large image
part by part can only say where the mugs are.
"""

from __future__ import annotations

from dataclasses import replace

from kosmos_ros.core.language.name_words import in_form
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.language.words.quantities import Order, SUPERLATIVES
from kosmos_ros.core.language.words.word_lists import expressions

_SIDES = frozenset(expressions('sides'))


def has_superlative(expression: str) -> bool:
    """Tell whether an expression singles out one of its kind by a superlative or a side."""
    return _superlative(expression.split()) is not None


def by_order(phrase: ObjectPhrase) -> ObjectPhrase:
    """Return a phrase with the superlatives of its names as orders, others as they are."""
    relations = tuple(
        replace(one, references=tuple(map(by_order, one.references))) for one in phrase.relations
    )
    phrase = replace(phrase, relations=relations)
    words = phrase.head.split()
    found = _superlative(words)
    if found is None or phrase.several or phrase.number or phrase.order or phrase.excluded:
        return phrase
    before, side, behind = found
    head = in_form(' '.join([*before, *behind]), is_many=True)
    asked = head + phrase.asked.removeprefix(phrase.head)
    return replace(phrase, head=head, asked=asked, order=Order(1, side))


def _superlative(words: list[str]) -> tuple[list[str], str, list[str]] | None:
    """Return the words of a name before and behind a superlative, and what that goes by."""
    for place in range(len(words) - 1):
        for count in (2, 1):
            before, behind = words[:place], words[place + count :]
            word = ' '.join(words[place : place + count]).lower()
            is_side = word in _SIDES and place < 2  # 'the left mug'
            side = SUPERLATIVES.get(word, word if is_side else None)
            if side and behind:
                return before, side, behind
    return None
