# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How people word it: synonyms, word order, redundant adjectives, and typing errors."""

from __future__ import annotations

from random import Random
import string

from training.table import Description
from training.texts.words import (
    article,
    known_words,
    NEUTRAL_ADJECTIVES,
    plural,
    SYNONYMS,
    UNKNOWN_ADJECTIVES,
    UNKNOWN_NOUNS,
)

ANY_NOUNS = ('object',) * 5 + ('thing', 'one')
"""Nouns that fit everything, the usual one more often."""

_SHORTEST_MISSPELT = 4
_WORDS = frozenset((*known_words(), *UNKNOWN_NOUNS, *UNKNOWN_ADJECTIVES))
"""Words with a meaning of their own, be it that nothing is so."""


def synonym(rng: Random, word: str) -> str:
    """Return the word or, sometimes, a synonym."""
    return rng.choice(SYNONYMS[word]) if word in SYNONYMS and rng.random() < 0.15 else word


def noun_phrase(rng: Random, description: Description, many: bool = False) -> str:
    """Return adjectives and noun, such as ``small red cubes``, without an article."""
    noun = synonym(rng, description.shape) if description.shape else rng.choice(ANY_NOUNS)
    noun = plural(noun) if many else noun
    size = [synonym(rng, description.size)] if description.size else []
    color = [synonym(rng, description.color)] if description.color else []
    draw = rng.random()
    if color and draw < 0.03:
        return ' '.join([*size, noun, 'that', 'are' if many else 'is', *color])
    if color and draw < 0.05:
        color = [*color, rng.choice(('colored', 'coloured'))]
    adjectives = [*color, *size] if draw > 0.98 else [*size, *color]
    if rng.random() < 0.03:
        adjectives.insert(0, rng.choice(NEUTRAL_ADJECTIVES))
    return ' '.join([*adjectives, noun])


def with_article(rng: Random, words: str, many: bool = False) -> str:
    """Put an article, or none, before a noun phrase."""
    draw = rng.random()
    if many:
        return words if draw < 0.4 else f'the {words}' if draw < 0.8 else f'all the {words}'
    if draw < 0.55:
        return f'the {words}'
    return f'{article(words)} {words}' if draw < 0.8 else words


def misspelt(rng: Random, text: str) -> str:
    """
    Return the text with a typing error in a longer word: a letter doubled, lost or exchanged.

    A word that would become another one, as ball becomes bell, is left unchanged.
    """
    words = text.split()
    places = [
        place
        for place, word in enumerate(words)
        if len(word) >= _SHORTEST_MISSPELT and word.isalpha()
    ]
    if not places:
        return text
    place = rng.choice(places)
    slipped = _with_slip(rng, words[place])
    if slipped in _WORDS:
        return text
    return ' '.join([*words[:place], slipped, *words[place + 1 :]])


def _with_slip(rng: Random, word: str) -> str:
    position = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:position], word[position], word[position + 1 :]
    draw = rng.random()
    if draw < 0.35:
        return before + after[0] + letter + after[1:]
    if draw < 0.6:
        return before + after
    if draw < 0.85:
        return before + letter + letter + after
    return before + rng.choice(string.ascii_lowercase) + after
