# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How many objects a phrase means, and which of a row.

A small model is asked for all objects of a kind, which it knows well; how many of them are meant
and which is the second from the left is counted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import re

from kosmos_ros.core.language.words.word_forms import is_plural
from kosmos_ros.core.language.words.word_lists import expressions, names, word_set

NUMBER_WORDS = ('one', *expressions('above one'))
"""Of the numbers from one to twenty."""

_NUMBERS = {word: number for number, word in enumerate(NUMBER_WORDS, 1)}
_NUMBERS |= {'both': 2, 'pair': 2, 'couple': 2, 'trio': 3, 'thirty': 30, 'forty': 40, 'fifty': 50}
_NUMBERS |= {'hundred': 100, 'dozen': 12, 'single': 1, 'either': 1}
_ALL = frozenset(('all', 'every', 'each'))
_NO_COUNT = (['the', 'one'], ['either', 'the'], ['either', 'a'], ['either', 'an'])
_PAIRS = word_set('without singular') | {'glasses'}
_SEVERAL = word_set('several')

_ORDINALS = {
    **{word: place for place, word in enumerate(expressions('ordinals'), 1)},
    **{f'{place}{end}': place for place in range(1, 100) for end in ('st', 'nd', 'rd', 'th')},
    'last': -1,
    'final': -1,
}
ORDINALS = frozenset(_ORDINALS)

SUPERLATIVES = {
    word: measure
    for measure in names('superlatives')
    for word in expressions(measure, 'superlatives')
}
"""What a superlative goes by: a side of the image, or the size there."""

_SIDES = expressions('sides')

_PLACE = r'\d{1,2}(?:st|nd|rd|th)|' + '|'.join(word for word in _ORDINALS if word.isalpha())
RANKED = re.compile(
    rf'\b(?:(?P<place>{_PLACE})[- ]from[- ](?:the[- ])?(?:far[- ])?(?P<side>{"|".join(_SIDES)})'
    rf'|(?P<behind>{_PLACE}|next)[- ](?:to[- ](?:the[- ])?)?last|last but one|penultimate)\b',
    re.IGNORECASE,
)
"""A place in a row that is said in one go: 'second from the left', 'second-to-last'."""

_STRESSED = re.compile(rf'^very (?={_PLACE})', re.IGNORECASE)
_HYPHEN = re.compile(rf'^({_PLACE})-(?=(?:{"|".join(SUPERLATIVES)})\b)', re.IGNORECASE)

COUNTED_PLACES = ORDINALS.union(SUPERLATIVES, _SIDES, ('other', 'next', 'remaining'))
"""Words that a number may follow inside of a name: 'the first two mugs'."""


@dataclass(frozen=True)
class Number:
    """
    How many objects are meant.

    ``count``: that many, 0 for all there are. ``presumed``: there are that many and no more
    ('the two mugs'), rather than that many of them will do. ``at_least``: more are welcome,
    ``at_most``: fewer are.
    """

    count: int
    presumed: bool = False
    at_least: bool = False
    at_most: bool = False


@dataclass(frozen=True)
class Order:
    """
    Which objects of a kind are meant, counted from a side.

    ``first`` is the place of the first of them, from 1, or from -1 backwards; ``count`` how many
    from there on; ``side`` where counting begins, 'large' and 'small' for size; ``names_side`` is
    false where the query names no side, and counting begins at the left.
    """

    first: int
    side: str
    count: int = 1
    names_side: bool = True


def digits_as_words(word: str) -> str:
    """Return 'two' for '2', other words as they are."""
    digits = word.removesuffix('x')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 3):
        return word
    number = int(digits)
    return ('zero', *NUMBER_WORDS)[number] if number <= len(NUMBER_WORDS) else word


def number_of(determiner: str, noun: str) -> Number | None:
    """
    Return how many objects determiners mean, None if they do not say.

    :param determiner: in lower case: 'all three of the', 'both', 'a pair of'.
    :param noun: the noun in lower case; 'both' of a singular joins two objects, 'a pair of
        scissors' is one.
    """
    words = determiner.split()
    said, count = set(words), _count(words)
    if said & {'every', 'each'} or (not count and said & _ALL):
        return Number(0)
    if not count:
        return Number(1) if words[:1] == ['any'] and not is_plural(noun) else None
    joins = 'both' in said and not is_plural(noun)
    if joins or words in _NO_COUNT or ('pair' in said and noun in _PAIRS):
        return None
    if len(words) > 1 and words[1] == 'than' and words[0] != 'no':  # 'more than two'
        more = words[0] == 'more'
        return Number(count + (1 if more else -1) or 1, at_least=more, at_most=not more)
    presumed = bool(said & {'the', 'both', 'all', 'these', 'those', 'about', 'around', 'roughly'})
    of_more = 'of' in said and not said & {'both', 'all', 'pair', 'couple'}
    return Number(
        count,
        presumed and not of_more and count > 1,
        at_least=bool(said & {'least', 'minimum', 'or'} or said >= {'no', 'less'}),
        at_most=bool(said & {'most', 'up', 'maximum'} or said >= {'than', 'no', 'more'}),
    )


def _count(words: Sequence[str]) -> int:
    """Return the first number of determiners, 0 without one."""
    if words[:2] == ['half', 'a']:
        return 6
    count = next((count for word in words if (count := _number(word))), 0)
    return count * 12 if words[-1:] == ['dozen'] and count < 12 else count


def means_several(determiner: str) -> bool:
    """Tell whether determiners mean more than one object, whatever the noun's number."""
    words = determiner.split()
    return any(word in _SEVERAL or _number(word) > 1 for word in words)


def order_in(name: str, rank: str, several: int) -> tuple[Order | None, str]:
    """
    Read an order anywhere in a name; return it and the rest of the name.

    :param name: as it was typed: 'red cube second from the left'.
    """
    name = _HYPHEN.sub(r'\1 ', _STRESSED.sub('', name))
    match = RANKED.search(name)
    if match is None:
        order, used = order_of(name.lower().split(), rank, several)
        return order, ' '.join(name.split()[used:])
    place = (match['place'] or match['behind'] or 'second').lower()
    first = 2 if place == 'next' else _ORDINALS[place]
    side = (match['side'] or _side_of(rank)).lower()
    has_side = bool(match['side'] or _names_side(rank))
    left = f'{name[: match.start()]} {name[match.end() :]}'
    order = Order(first if match['place'] else -first, side, names_side=has_side)
    return order, ' '.join(left.split())


def order_of(words: Sequence[str], rank: str, several: int) -> tuple[Order | None, int]:
    """
    Read an order from the first words of a name.

    :param words: of the name, in lower case: ('second', 'red', 'cube').
    :param rank: where counting begins, such as 'from the left'; empty if not said.
    :param several: how many the determiners mean, 0 if they do not say.
    :returns: the order, and how many words it takes.
    """
    words = [*words, '', '', '']
    place = _ORDINALS.get(words[0], 0)
    used = 1 if place else 0
    count = max(1, _number(digits_as_words(words[used]))) if place else 1
    used += count > 1
    if rank:
        if not place and several < 2:
            return None, 0
        if place < 0 and rank.startswith(('on ', 'at ')):
            place = 1  # 'the last one on the right' is the rightmost
        size = count if place else several
        return Order(place or 1, _side_of(rank), size, _names_side(rank)), used
    size = _number(digits_as_words(words[used + 1]))  # 'the top two'
    side = SUPERLATIVES.get(words[used]) or (words[used] if size and words[used] in _SIDES else '')
    if side and (place or max(size, several) > 1):
        return Order(place or 1, side, max(1, size, several)), used + 1 + bool(size)
    return (Order(place, 'left', count, names_side=False), used) if count > 1 else (None, 0)


def _number(word: str) -> int:
    return _NUMBERS.get(word, int(word) if word.isdecimal() else 0)


def _names_side(rank: str) -> bool:
    return not set(_SIDES).isdisjoint(rank.split())


def _side_of(rank: str) -> str:
    """
    Return the side that 'from the left' and the like count from; a row is read as text is.

    'from left to right' begins at the left, the first side that it names.
    """
    words = rank.split()
    if 'to' in words:
        return words[words.index('to') - 1]
    return next((side for side in _SIDES if side in words), 'left')
