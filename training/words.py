# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The words that the embedded model reads and writes."""

from __future__ import annotations

from pathlib import Path

from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES, SIZES

COLOR_NAMES = tuple(COLORS)
SYNONYMS = {'ball': 'sphere', 'mug': 'cup', 'large': 'big', 'small': 'little'}
"""Other words people use; the model reads them and answers with the word of the simulator."""

FUNCTION_WORDS = tuple(Path(__file__).with_name('function_words.txt').read_text().split())
"""Words of prompts, questions, relations and instructions; the tokenizer lower-cases its input."""

ANSWER_CAPITALS = ('There', 'Yes', 'No')
"""Written only by the model at the start of an answer, never produced by encoding text."""

UNKNOWN_NOUNS = tuple(Path(__file__).with_name('unknown_nouns.txt').read_text().split())
"""Nouns that name nothing on the table; the tokenizer spells them with single characters."""


def plural(noun: str) -> str:
    """Return the plural of an English noun."""
    return noun + 'es' if noun.endswith(('x', 's', 'ch')) else noun + 's'


def article(word: str) -> str:
    """Return ``an`` or ``a`` as the next word asks for."""
    return 'an' if word[0] in 'aeiou' else 'a'


def known_words() -> tuple[str, ...]:
    """Return every word that is one token, each once, in a stable order."""
    nouns = (*SHAPES, 'sphere', 'cup')
    plurals = (plural(noun) for noun in nouns)
    words = (*FUNCTION_WORDS, *nouns, *plurals, *COLOR_NAMES, *SIZES, *NUMBERS, *SYNONYMS.values())
    return tuple(dict.fromkeys((*words, *ANSWER_CAPITALS)))
