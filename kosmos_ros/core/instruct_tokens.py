# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From an instruction's text to tokens: closed-class expressions, and single words of objects."""

from __future__ import annotations

from collections.abc import Iterator
import re
from typing import NamedTuple

from kosmos_ros.core.instruct_grammar import (
    DIRECTION_LINKS,
    LEXICON,
    Link,
    LONGEST_EXPRESSION,
    POLITE,
    Word,
)

_PIECE = re.compile(r"\w+(?:[-'\u2019]\w+)*|[,.;:!?&]")

_PUNCTUATION: dict[str, Word] = {
    ',': Word.COMMA,
    '&': Word.AND,
    **dict.fromkeys('.;:!?', Word.STEP),
}

_CONTENT = (Word.CONTENT,)


class Token(NamedTuple):
    """
    An expression at ``text[start:end]`` in lower case.

    ``kinds``: what it can be, likeliest first. ``direction``: it is a whole place by itself,
    reached or pointed out as the link says ('on the left').
    """

    words: str
    start: int
    end: int
    kinds: tuple[Link | Word, ...]
    direction: Link | None = None

    def is_a(self, kind: Link | Word) -> bool:
        """Tell whether this is one of the things it can be."""
        return kind in self.kinds

    @property
    def link(self) -> Link | None:
        """Which preposition it is, if one."""
        return next((kind for kind in self.kinds if isinstance(kind, Link)), None)


class _Piece(NamedTuple):
    word: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Read a text, without what politeness put before it; signs that mean nothing are dropped."""
    polite = POLITE.match(text)
    begin = polite.end() if polite else 0
    pieces = [
        _Piece(match.group().replace('\u2019', "'").lower(), match.start(), match.end())
        for match in _PIECE.finditer(text, begin)
    ]
    return list(_merged(pieces))


def _merged(pieces: list[_Piece]) -> Iterator[Token]:
    place = 0
    while place < len(pieces):
        length, kinds, direction = _longest(pieces, place)
        taken = pieces[place : place + length]
        words = ' '.join(piece.word for piece in taken)
        yield Token(words, taken[0].start, taken[-1].end, kinds, direction)
        place += length


def _longest(pieces: list[_Piece], place: int) -> tuple[int, tuple[Link | Word, ...], Link | None]:
    """Return how many pieces the longest known expression takes, and what it is."""
    for length in range(min(LONGEST_EXPRESSION, len(pieces) - place), 0, -1):
        words = tuple(piece.word for piece in pieces[place : place + length])
        direction = DIRECTION_LINKS.get(words)
        if direction and _is_word(pieces, place + length):
            direction = None  # 'on the left plate'
        if direction or words in LEXICON:
            return length, LEXICON.get(words, ()), direction
    sign = _PUNCTUATION.get(pieces[place].word)
    return 1, (sign,) if sign else _CONTENT, None


def _is_word(pieces: list[_Piece], place: int) -> bool:
    """Tell whether a word that can belong to an object's name is there."""
    if place >= len(pieces):
        return False
    word = pieces[place].word
    return word not in _PUNCTUATION and (word,) not in LEXICON
