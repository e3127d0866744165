# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The words that the embedded model reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES, SIZES

COLOR_NAMES = tuple(COLORS)
SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        'ball': ('sphere', 'sphere', 'orb'),
        'mug': ('cup',),
        'cube': ('block',),
        'box': ('crate', 'carton'),
        'ring': ('donut', 'torus'),
        'plate': ('dish',),
        'large': ('big', 'big', 'huge'),
        'small': ('little', 'tiny'),
        'red': ('crimson', 'scarlet'),
        'blue': ('navy',),
        'purple': ('violet',),
        'green': ('emerald',),
    }
)
"""Other words people use; the model reads them, and itself names things as the simulator does."""

NEUTRAL_ADJECTIVES = (
    *('shiny', 'plastic', 'wooden', 'ceramic', 'metal', 'glossy', 'matte'),
    *('nice', 'new', 'old', 'clean', 'smooth'),
)
"""Adjectives that say nothing about which thing is meant, as everything here could be so."""

UNKNOWN_ADJECTIVES = (
    *('grey', 'gray', 'silver', 'cyan', 'teal', 'bronze', 'magenta', 'colorless', 'rainbow'),
    *('striped', 'spotted', 'dotted', 'checked', 'flowery', 'furry', 'hairy', 'woolen', 'paper'),
    *('broken', 'burning', 'frozen', 'melted', 'rusty', 'folded', 'flying', 'invisible', 'glass'),
)
"""Adjectives that fit nothing on the table; spelled with single characters, as unknown nouns."""

FUNCTION_WORDS = tuple(Path(__file__).with_name('function_words.txt').read_text().split())
"""Words of prompts, questions, relations and instructions; the tokenizer lower-cases its input."""

ANSWER_CAPITALS = ('There', 'Yes', 'No')
"""Written only by the model at the start of an answer, never produced by encoding text."""

UNKNOWN_NOUNS = tuple(Path(__file__).with_name('unknown_nouns.txt').read_text().split())
"""Nouns that name nothing on the table; the tokenizer spells them with single characters."""


def plural(noun: str) -> str:
    """Return the plural of an English noun."""
    return noun + 'es' if noun.endswith(('x', 's', 'ch', 'sh')) else noun + 's'


def article(word: str) -> str:
    """Return ``an`` or ``a`` as the next word requires."""
    return 'an' if word[0].lower() in 'aeiou' else 'a'


def known_words() -> tuple[str, ...]:
    """Return every word that is one token, each once, in a stable order."""
    nouns = [word for shape in SHAPES for word in (shape, *SYNONYMS.get(shape, ()))]
    adjectives = [
        word for known in (*COLOR_NAMES, *SIZES) for word in (known, *SYNONYMS.get(known, ()))
    ]
    plurals = (plural(noun) for noun in nouns)
    words = (*FUNCTION_WORDS, *nouns, *plurals, *adjectives, *NEUTRAL_ADJECTIVES, *NUMBERS)
    return tuple(dict.fromkeys((*words, *ANSWER_CAPITALS)))
