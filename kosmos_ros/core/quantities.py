# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How many things a phrase means, and which of them in a row.

A small model is asked for all things of a kind, which it knows well; how many of them are meant
and which is the second from the left is counted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kosmos_ros.core.word_forms import is_plural

NUMBER_WORDS = (
    *('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'),
    *('eleven', 'twelve'),
)
"""From one on."""

_NUMBERS = {word: number for number, word in enumerate(NUMBER_WORDS, 1)}
_NUMBERS |= {'both': 2, 'pair': 2, 'couple': 2, 'dozen': 12}
_ALL = frozenset(('all', 'every', 'each'))
_SOME = frozenset(('some', 'several', 'many', 'few', 'lot', 'lots', 'most', 'various', 'multiple'))

_ORDINALS = {
    **{
        word: place
        for place, word in enumerate(
            (
                'first',
                'second',
                'third',
                'fourth',
                'fifth',
                'sixth',
                'seventh',
                'eighth',
                'ninth',
                'tenth',
            ),
            1,
        )
    },
    **{
        f'{place}{ending}': place for place in range(1, 100) for ending in ('st', 'nd', 'rd', 'th')
    },
    'last': -1,
}
ORDINALS = frozenset(_ORDINALS)

SUPERLATIVES = {
    'leftmost': 'left',
    'rightmost': 'right',
    'topmost': 'top',
    'uppermost': 'top',
    'bottommost': 'bottom',
    'lowest': 'bottom',
    'highest': 'top',
    'nearest': 'front',
    'closest': 'front',
    'farthest': 'back',
    'furthest': 'back',
    'largest': 'large',
    'biggest': 'large',
    'smallest': 'small',
}
"""What a superlative goes by: a side of the image, or the size there."""

_SIDES = ('left', 'right', 'top', 'bottom', 'back', 'front')


@dataclass(frozen=True)
class Number:
    """
    How many things are meant.

    ``count``: that many, 0 for all there are. ``presumed``: there are that many and no more
    ('the two mugs'), rather than that many of them will do. ``at_least``: more are welcome.
    """

    count: int
    presumed: bool = False
    at_least: bool = False


@dataclass(frozen=True)
class Order:
    """
    Which things of a kind are meant, counted from a side.

    ``first`` is the place of the first of them, from 1, or from -1 backwards; ``count`` how many
    from there on; ``side`` where counting begins, 'large' and 'small' counting by size; ``told``
    is false where the side was not said.
    """

    first: int
    side: str
    count: int = 1
    told: bool = True


def digits_as_words(word: str) -> str:
    """Return 'two' for '2', other words as they are."""
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 3 else 0
    return NUMBER_WORDS[number - 1] if 0 < number <= len(NUMBER_WORDS) else word


def number_of(determiner: str, noun: str) -> Number | None:
    """
    Return how many things determiners mean, None if they do not say.

    :param determiner: in lower case: 'all three of the', 'both', 'a pair of'.
    :param noun: the noun in lower case; 'both' of a singular joins two things, 'a pair of
        scissors' is one.
    """
    words = determiner.split()
    if 'pair' in words and noun in (
        'scissors',
        'pliers',
        'tweezers',
        'tongs',
        'glasses',
        'goggles',
        'pants',
        'trousers',
        'jeans',
        'headphones',
        'shorts',
    ):
        return None
    counts = [_NUMBERS.get(word, int(word) if word.isdecimal() else 0) for word in words]
    counts = [count for count in counts if count]
    if words[:2] == ['half', 'a']:
        counts = [6]
    if counts == [1] and 'every' not in words:
        return Number(1) if len(words) == 1 or words[0] in ('any', 'only', 'exactly') else None
    if counts and 'both' in words and not is_plural(noun):
        return None
    if counts and counts != [1]:
        presumed = bool({'the', 'both', 'all', 'these', 'those'}.intersection(words))
        of_more = 'of' in words and not {'both', 'all', 'pair', 'couple'}.intersection(words)
        return Number(counts[-1], presumed and not of_more, 'least' in words)
    if _ALL.intersection(words):
        return Number(0)
    return Number(1) if words[:1] == ['any'] and not is_plural(noun) else None


def means_several(determiner: str) -> bool:
    """Tell whether determiners mean more than one thing, be the noun a plural or not."""
    words = determiner.split()
    counted = any(
        _NUMBERS.get(word, 0) > 1 or (word.isdecimal() and word != '1') for word in words
    )
    return counted or bool((_ALL | _SOME | {'these', 'those'}).intersection(words))


def order_of(words: Sequence[str], rank: str, several: int) -> tuple[Order | None, int]:
    """
    Read an order off the first words of a name.

    :param words: of the name, in lower case: ('second', 'red', 'cube').
    :param rank: where counting begins, as it is said: 'from the left'; empty if it is not.
    :param several: how many the determiners mean, 0 if they do not say.
    :returns: the order, and how many of the first words told it.
    """
    place = _ORDINALS.get(words[0], 0) if words else 0
    used = 1 if place else 0
    count = _NUMBERS.get(digits_as_words(words[used]), 1) if place and len(words) > used else 1
    used += count > 1
    superlative = SUPERLATIVES.get(words[used], '') if len(words) > used else ''
    if rank:
        if not place and several < 2:
            return None, 0
        told = any(side in rank.split() for side in _SIDES)
        return Order(place or 1, _side_of(rank), count if place else several, told), used
    if superlative and (place or several > 1):
        return Order(place or 1, superlative, max(1, several)), used + 1
    return None, 0


def _side_of(rank: str) -> str:
    """
    Return the side that 'from the left' and the like count from; a row is read as text is.

    'from left to right' begins at the left, the first side that it names.
    """
    words = rank.split()
    if 'to' in words:
        return words[words.index('to') - 1]
    return next((side for side in _SIDES if side in words), 'left')
