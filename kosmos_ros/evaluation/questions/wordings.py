# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Wordings of what people look for.

The words are chosen independently of the training of any model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from kosmos_ros.evaluation.questions.typos import typo
from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES

Words = Mapping[str, tuple[str, ...]]
Phrase = Callable[[Random, str, str], 'str | None']
"""Puts a colour and a shape into words; None where these cannot be put so."""


def _words(table: str) -> Words:
    """Read 'mug: cup, beaker; box: crate'."""
    rows = (row.split(':') for row in table.split(';'))
    return MappingProxyType(
        {name.strip(): tuple(others.replace(',', ' ').split()) for name, others in rows}
    )


SHAPE_SYNONYMS = _words(
    'ball: sphere, orb; mug: cup; cube: block; box: crate, carton; ring: donut, torus; plate: dish'
)
COLOR_SYNONYMS = _words('red: crimson, scarlet; blue: navy; purple: violet; green: emerald')
RARE_SHAPES = _words(
    'bottle: flask; mug: beaker, tankard; box: package, container; ring: hoop; plate: saucer; '
    'bowl: basin; cylinder: tube'
)
RARE_COLORS = _words(
    'yellow: golden; blue: azure, cobalt; purple: mauve, lilac; pink: rosy; green: jade; '
    'brown: chestnut; black: ebony; white: ivory'
)
NEUTRAL_ADJECTIVES = ('shiny', 'nice', 'plastic', 'clean')
RARE_ADJECTIVES = ('lovely', 'heavy', 'dusty', 'expensive')
"""Adjectives that say nothing about which thing is meant."""

STRANGE_NOUNS = ('harpsichord', 'walrus', 'sextant', 'croissant', 'crowbar', 'wheelbarrow')
STRANGE_COLORS = ('turquoise', 'beige', 'khaki', 'transparent', 'holographic', 'tartan')
"""Nouns and colours that fit nothing on the table."""


@dataclass(frozen=True)
class Wording:
    """
    A wording; ``name`` and ``example`` are for reports.

    ``trained`` says whether the training of the embedded model has phrases of this wording.
    """

    name: str
    example: str
    trained: bool


@dataclass(frozen=True)
class PairWording(Wording):
    """A way to ask for a thing by its colour and shape."""

    phrase: Phrase


PLAIN = Wording('plain', 'the red cube', trained=True)
"""How the other questions of an evaluation put it."""

PLURAL = Wording('plural', 'all the cubes', trained=True)
SIDE = Wording('side', 'the cube on the left side', trained=True)
FAR_SIDE = Wording('far side', 'the thing on the far left', trained=True)

STRANGE_NOUN = Wording('unknown noun', 'the walrus', trained=False)
STRANGE_NOUN_IN_COLOR = Wording('unknown noun, known colour', 'the red walrus', trained=False)
STRANGE_COLOR = Wording('unknown colour, known shape', 'the turquoise cube', trained=False)
STRANGE_BOTH = Wording('unknown adjective and noun', 'the left-handed walrus', trained=False)


def plural_of(shape: str) -> str:
    """Return a shape in plural."""
    return 'boxes' if shape == 'box' else f'{shape}s'


def with_indefinite(words: str) -> str:
    """Put 'a' or 'an' before words."""
    return f'{"an" if words[0] in "aeiou" else "a"} {words}'


def _any_of(*forms: str) -> Phrase:
    """Fill one of several forms in."""
    return lambda rng, color, shape: rng.choice(forms).format(color=color, shape=shape)


def _with_adjective(adjectives: tuple[str, ...]) -> Phrase:
    return lambda rng, color, shape: f'the {rng.choice(adjectives)} {color} {shape}'


def _with_other_shape(words: Words) -> Phrase:
    return lambda rng, color, shape: (
        f'the {color} {rng.choice(words[shape])}' if shape in words else None
    )


def _with_other_color(words: Words) -> Phrase:
    return lambda rng, color, shape: (
        f'the {rng.choice(words[color])} {shape}' if color in words else None
    )


def _in_capitals(rng: Random, color: str, shape: str) -> str:
    words = f'the {color} {shape}'
    return rng.choice((words.title(), words.upper(), f'the {color.upper()} {shape}'))


def _misspelt(rng: Random, color: str, shape: str) -> str | None:
    return typo(rng, f'the {color} {shape}', KNOWN_WORDS)


def _with_a(_: Random, color: str, shape: str) -> str:
    return with_indefinite(f'{color} {shape}')


def _values(words: Words) -> list[str]:
    return [word for others in words.values() for word in others]


KNOWN_WORDS = frozenset(
    (
        *('back', 'bow', 'brow', 'con', 'cub', 'cue', 'pate', 'pin', 'plat', 'rig', 'whit'),
        *(*SHAPES, *map(plural_of, SHAPES), *COLORS, *SIZES),
        *(*_values(SHAPE_SYNONYMS), *_values(COLOR_SYNONYMS)),
        *(*_values(RARE_SHAPES), *_values(RARE_COLORS)),
    )
)
"""Words that no typing error may result in: those of the questions, and other English ones."""

PAIR_WORDINGS = (
    PairWording('synonym of shape', 'the red block', True, _with_other_shape(SHAPE_SYNONYMS)),
    PairWording('synonym of colour', 'the crimson cube', True, _with_other_color(COLOR_SYNONYMS)),
    PairWording(
        *('relative clause', 'mug that is blue', True),
        _any_of('the {shape} that is {color}', '{shape} that is {color}'),
    ),
    PairWording('capitals', 'the RED cube', True, _in_capitals),
    PairWording('typo', 'the red cueb', True, _misspelt),
    PairWording('hyphen', 'the red-cube', True, _any_of('the {color}-{shape}')),
    PairWording(
        *('neutral adjective', 'the shiny red cube', True), _with_adjective(NEUTRAL_ADJECTIVES)
    ),
    PairWording('no article', 'red cube', True, _any_of('{color} {shape}')),
    PairWording('a or an', 'a red cube', True, _with_a),
    PairWording('rare synonym of shape', 'the red flask', False, _with_other_shape(RARE_SHAPES)),
    PairWording('rare synonym of colour', 'the azure cube', False, _with_other_color(RARE_COLORS)),
    PairWording('rare adjective', 'the dusty red cube', False, _with_adjective(RARE_ADJECTIVES)),
    PairWording('any', 'any red cube', False, _any_of('any {color} {shape}')),
    PairWording(
        *('polite', 'please find the red cube', False),
        _any_of('please find the {color} {shape}', 'show me the {color} {shape}, please'),
    ),
    PairWording(
        *('question', 'where is the red cube?', False), _any_of('where is the {color} {shape}?')
    ),
)
"""Ways to put a colour and a shape."""

WORDINGS: tuple[Wording, ...] = (
    *(PLAIN, *PAIR_WORDINGS, PLURAL, SIDE, FAR_SIDE),
    *(STRANGE_NOUN, STRANGE_NOUN_IN_COLOR, STRANGE_COLOR, STRANGE_BOTH),
)
"""All, in the order of reports."""
