# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From a query's text to tokens: closed-class expressions, and single words of objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
import re
from typing import NamedTuple

from kosmos_ros.core.language.words.lexicon import (
    DIRECTION_LINKS,
    LEXICON,
    Link,
    LONGEST_EXPRESSION,
    Word,
)
from kosmos_ros.core.language.words.quantities import digits_as_words, RANKED
from kosmos_ros.core.language.words.verbs import VERBS
from kosmos_ros.core.language.words.word_forms import is_plural
from kosmos_ros.core.language.words.word_lists import expressions, word_set

_MARKER = re.compile(r'\s*(?:\d{1,2}[.):]|[a-z]\)|\((?:\d{1,2}|[a-z])\))\s+', re.IGNORECASE)
_PIECE = re.compile(
    r"""
    \b(?:no|do\snot|don['\u2019]?t)(?:[ -]\w+){1,3}[ -]signs?\b  # what is written on it
    # what is quoted stays whole
    | "[^"\n]+" | \u201c[^\u201d\n]+\u201d | (?<![\w'])'[^'\n]+'(?!\w)
    | (?:(?<=\n)|(?<=^))\s*(?:[-*\u2022\u2013])\s+  # a sign that begins an item of a list
    | (?<=\s)[-\u2013\u2014](?=\s)  # a dash between objects
    | \bno\.\s?\d+\w*  # a number as a name
    | \bw/o?(?=\s) | != | \u2260
    | \d+(?:[.,]\d+)+\w* | \w+(?:[-'\u2019]\w+)*
    | \b\.(?=\w)  # inside of a name
    | (?<=[\w\s])/(?=[\w\s])
    | [,.;:!?&|+\n\u2022\uff1b\uff0c\u3001\u3002]
    """,
    re.VERBOSE | re.IGNORECASE,
)

_PUNCTUATION: dict[str, Word] = {
    **dict.fromkeys((',', '\uff0c', '\u3001', '-', '\u2013', '\u2014'), Word.COMMA),
    **dict.fromkeys('&+/', Word.AND),
    **dict.fromkeys('.;:!?|\n\u2022\uff1b\u3002', Word.STEP),
}

_ABBREVIATIONS = frozenset(('dr', 'mr', 'mrs', 'ms', 'st', 'no', 'vs', 'approx', 'ca', 'jr', 'sr'))
"""A full stop behind one of these ends nothing."""

_WITHOUT_APOSTROPHE = {word.replace("'", ''): word for word in expressions('contractions')}
_WITHOUT_APOSTROPHE |= {'w/': 'with', 'w/o': 'without', '!=': 'except', '\u2260': 'except'}

_STOPPING = ('stop', 'quit', 'cease')
_FORBID_WHAT_FOLLOWS = frozenset(('avoid', 'skip', 'ignore', 'forget', *_STOPPING))
"""
Words that forbid something only before a determiner or a gerund: not in 'the stop sign'.

'stop' and the like do so before a gerund alone: 'stop at the door' asks for something.
"""

_STRESS = word_set('stress')
"""Words that add nothing to the 'not' behind them."""

_TAKE_AWAY = frozenset(('bar', 'save', 'than'))
"""Words that exclude before a determiner: 'all mugs bar the red one'."""

_ARTICLES = (('a',), ('an',))
_CONTENT = (Word.CONTENT,)
_WORD = re.compile(r'\w')


class Token(NamedTuple):
    """
    An expression at ``text[start:end]`` in lower case.

    ``kinds``: what it can be, likeliest first. ``direction``: it is a place without an object ('on
    the left').
    """

    words: str
    start: int
    end: int
    kinds: tuple[Link | Word, ...]
    direction: Link | None = None

    def is_a(self, *kinds: Link | Word) -> bool:
        """Tell whether one of these is among what it can be."""
        return any(kind in self.kinds for kind in kinds)

    @property
    def link(self) -> Link | None:
        """Which preposition it is, if one."""
        return next((kind for kind in self.kinds if isinstance(kind, Link)), None)


class _Piece(NamedTuple):
    word: str
    start: int
    end: int


def tokenize(text: str, begin: int = 0, end: int | None = None) -> list[Token]:
    """
    Read a text, or the part of it from ``begin`` to ``end``; signs that mean nothing are dropped.

    Quoted words are one token, without the quotes.
    """
    return list(_tokens(text, begin, len(text) if end is None else end))


@lru_cache(maxsize=16)  # what is asked for is read after the kind of the query has been told
def _tokens(text: str, begin: int, end: int) -> tuple[Token, ...]:
    if _MARKER.match(text, begin):
        # Of the same length, so that places stay: '1. the mug 2. the bowl'
        text = _MARKER.sub(lambda match: '\n' * len(match.group()), text)
    pieces = [_piece(match) for match in _PIECE.finditer(text, begin, end)]
    return tuple(_merged([piece for piece in pieces if piece.word]))


def _piece(match: re.Match[str]) -> _Piece:
    text, start, end = match.group(), match.start(), match.end()
    if not _WORD.search(text) and text.strip() and len(text) > 1 and text != '!=':
        return _Piece('\n', start, end)
    if text[0] in '"\u201c\'' and len(text) > 1:
        text, start, end = text[1:-1], start + 1, end - 1
    word = text.replace('\u2019', "'").lower()
    return _Piece(_WITHOUT_APOSTROPHE.get(word, word), start, end)


def _merged(pieces: list[_Piece]) -> Iterator[Token]:
    place, named = 0, False
    # 'two mugs' and '2 mugs' are the same, 'box 2' is a name
    counts = [digits_as_words(piece.word) for piece in pieces]
    while place < len(pieces):
        word = pieces[place].word
        is_abbreviated = word == '.' and place and pieces[place - 1].word in _ABBREVIATIONS
        if is_abbreviated or (word in _STRESS and _word_at(pieces, place + 1) == 'not'):
            place += 1
            continue
        named = named and not _is_counted(pieces, place)
        if not named:
            pieces[place] = pieces[place]._replace(word=counts[place])
        after = counts[place + 1 : place + LONGEST_EXPRESSION]
        length, kinds, direction = _longest(pieces, place, after, named)
        taken = pieces[place : place + length]
        words = ' '.join(piece.word for piece in taken)
        yield Token(words, taken[0].start, taken[-1].end, kinds, direction)
        named = kinds == _CONTENT
        place += length


def _longest(
    pieces: list[_Piece], place: int, after: Sequence[str], named: bool
) -> tuple[int, tuple[Link | Word, ...], Link | None]:
    """
    Return how many pieces the longest known expression takes, and what it is.

    :param after: the words that may be part of it, numbers in words.
    """
    if found := _by_neighbours(pieces, place):
        return (*found, None)
    word = pieces[place].word
    longest = (word, *after)
    for length in range(len(longest), 0, -1):
        words = longest[:length]
        direction = DIRECTION_LINKS.get(words)
        if direction and _is_word(pieces, place + length):
            direction = None  # 'on the left plate'
        is_all = len(pieces) == 1
        if words[-1] in _FORBID_WHAT_FOLLOWS and not (is_all or _begins_more(pieces, place + 1)):
            continue
        if words in _ARTICLES and not _is_word(pieces, place + 1):
            break  # 'box A'
        if words == ('a', 'little') and _is_word(pieces, place + 2):
            continue  # 'a little boy'
        if direction or words in LEXICON:
            return length, LEXICON.get(words, ()), direction
    if word in _PUNCTUATION:
        return 1, (_PUNCTUATION[word],), None
    is_number = word.isascii() and word.isdigit() and not named and _is_word(pieces, place + 1)
    return 1, (Word.DETERMINER,) if is_number else _CONTENT, None


def _by_neighbours(pieces: list[_Piece], place: int) -> tuple[int, tuple[Link | Word, ...]] | None:
    """Return how many pieces are taken by words whose kind depends on others, and that kind."""
    before, word = [piece.word for piece in pieces[max(0, place - 4) : place]], pieces[place].word
    if ranked := RANKED.match(' '.join(piece.word for piece in pieces[place : place + 5])):
        return ranked.group().count(' ') + 1, _CONTENT
    if word in _TAKE_AWAY and _takes_away(before, pieces[place:]):
        return 1, (Link.EXCEPT,)
    if (
        word == 'back'
        and not _goes_on(before)
        and (_word_at(pieces, place + 1) == 'of' or _is_word(pieces, place + 1))
    ):
        return 1, _CONTENT  # 'back of the truck', 'back seat'
    return None


def _is_counted(pieces: list[_Piece], place: int) -> bool:
    """Tell whether a number behind a word counts what follows: 'take 2 mugs', not 'gate 2'."""
    if not _is_word(pieces, place + 1):
        return False
    is_first = place == 1 and is_plural(pieces[place + 1].word)
    return is_first or pieces[place - 1].word in VERBS


def _begins_more(pieces: list[_Piece], place: int) -> bool:
    """Tell whether a determiner, a gerund or a preposition is there."""
    word = _word_at(pieces, place)
    if word.endswith('ing') or pieces[place - 1].word in _STOPPING:
        return word.endswith('ing')
    return (word,) in LEXICON and LEXICON[(word,)][0] is not Word.AND


def _takes_away(before: list[str], pieces: list[_Piece]) -> bool:
    """Tell whether a word of ``_TAKE_AWAY`` excludes what follows; four before it suffice."""
    if pieces[0].word == 'than':
        return not {'other', 'else', 'different'}.isdisjoint(before)
    return _goes_on(before) and _word_at(pieces, 1) in ('the', 'for', 'those')


def _goes_on(before: list[str]) -> bool:
    """Tell whether there are words that nothing separates from the next one."""
    return bool(before) and before[-1] not in (*_PUNCTUATION, 'and', 'or', 'then')


def _is_word(pieces: list[_Piece], place: int) -> bool:
    """Tell whether a word that can belong to an object's name is there."""
    word = _word_at(pieces, place)
    return bool(word) and word not in _PUNCTUATION and (word,) not in LEXICON


def _word_at(pieces: list[_Piece], place: int) -> str:
    return pieces[place].word if place < len(pieces) else ''
