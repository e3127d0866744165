# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where a noun phrase without its relations begins and ends, and where a verb begins a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kosmos_ros.core.instruct_grammar import (
    ADJECTIVES,
    DEFAULT_FRAME,
    Frame,
    GERUNDS,
    PLAIN_VERBS,
    SELF_NOUNS,
    TRAILING_DIRECTIONS,
    VERBS,
    Word,
)
from kosmos_ros.core.instruct_tokens import Token

PRONOUNS = (Word.OBJECT_PRONOUN, Word.PERSON_PRONOUN)
_OPENERS = (Word.DETERMINER, *PRONOUNS, Word.FILLER)
_ATTRIBUTES = ('with', 'without')
_BEFORE_ADJECTIVES = ('that is', 'which is', "that's", 'that are', 'which are')


class Noun(NamedTuple):
    """A noun phrase without relations at ``text[start:end]``; its name begins at ``name``."""

    start: int
    end: int
    name: int
    determiner: str
    words: tuple[str, ...]

    @property
    def is_robot(self) -> bool:
        """Tell whether this is a part of the robot rather than something to be found."""
        return self.words[-1] in SELF_NOUNS and self.determiner in ('', 'the', 'your')


def token_at(tokens: Sequence[Token], place: int) -> Token | None:
    """Return a token, None behind the last one."""
    return tokens[place] if place < len(tokens) else None


def verb_at(tokens: Sequence[Token], place: int, first: bool = False) -> Frame | None:
    """Return the frame of a verb that opens a step here; None if there is none."""
    token, after = token_at(tokens, place), token_at(tokens, place + 1)
    if token is None or not token.is_a(Word.CONTENT):
        return None
    if after is None:
        return VERBS.get(token.words) if first else None
    opens = any(after.is_a(kind) for kind in _OPENERS)
    if token.words in GERUNDS and first:
        return GERUNDS[token.words]
    if token.words in VERBS:
        opens = opens or first or after.link is not None or after.direction is not None
        return VERBS[token.words] if opens or token.words in PLAIN_VERBS else None
    known = token.words in ADJECTIVES or after.is_a(Word.FILLER)
    return DEFAULT_FRAME if opens and not known else None


class NounReader:
    """Reads noun phrases from tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._has_tool = False

    def read(self, place: int, has_tool: bool) -> tuple[Noun | None, int]:
        """
        Read a noun phrase without relations, if one begins at a place.

        :param has_tool: 'with' does not belong to it.
        :returns: it, and the place behind it, or behind the determiners of nothing.
        """
        self._has_tool = has_tool
        begin = self._token(place)
        determiners = []
        while self._is_determiner(place):
            determiners.append(self._tokens[place].words)
            place += 1
        taken = list(self._name(place, bool(determiners)))
        # 'push the cube left'
        while taken and self._tokens[taken[-1]].words in TRAILING_DIRECTIONS:
            place = max(place, taken.pop() + 1)
        if begin is None or not taken:
            return None, place
        tokens = [self._tokens[index] for index in taken]
        noun = Noun(
            begin.start,
            tokens[-1].end,
            tokens[0].start,
            ' '.join(determiners),
            tuple(token.words for token in tokens),
        )
        return noun, max(place, taken[-1] + 1)

    def _name(self, place: int, is_begun: bool) -> Iterator[int]:
        """Yield the places of the tokens that name the object."""
        words: list[str] = []
        while (token := self._token(place)) is not None:
            reach = self._reach(token, place, words, is_begun)
            if not reach:
                return
            for taken in range(place, place + reach):
                words.append(self._tokens[taken].words)
                yield taken
            place += reach

    def _reach(self, token: Token, place: int, words: list[str], is_begun: bool) -> int:
        """Return how many tokens from here on belong to the name; 0 if it ends before."""
        if token.is_a(Word.CONTENT):
            begins_step = token.words in PLAIN_VERBS and words and self._verb(place)
            return 0 if begins_step else 1
        if token.words == 'one':
            return int(bool(words) or is_begun)
        if token.is_a(Word.OF) or token.words in _ATTRIBUTES:
            return self._reach_of_attribute(token, place, words)
        after = self._token(place + 1)
        if after is None or not after.is_a(Word.CONTENT):
            return 0
        is_joint = token.is_a(Word.AND) or token.is_a(Word.COMMA)
        if not words:
            # 'the first mug', 'the inside pocket': an adjective that elsewhere is none
            reach = int(is_begun and not is_joint)
        elif is_joint:
            names_kind = ADJECTIVES.union((',', 'and')).issuperset(words)
            reach = int(names_kind and not self._verb(place + 1))
        else:
            reach = 2 if token.words in _BEFORE_ADJECTIVES else 0
        return reach

    def _reach_of_attribute(self, token: Token, place: int, words: list[str]) -> int:
        """Reach over 'of the box' and 'with a handle' to the word behind."""
        if not words or (token.words == 'with' and self._has_tool):
            return 0
        end = place + 1
        while self._is_determiner(end):
            end += 1
        noun = self._token(end)
        if noun is None or not noun.is_a(Word.CONTENT) or noun.words in SELF_NOUNS:
            return 0
        return end + 1 - place

    def _is_determiner(self, place: int) -> bool:
        token, after = self._token(place), self._token(place + 1)
        if token is None or after is None or not token.is_a(Word.DETERMINER):
            return False
        certain = not any(token.is_a(pronoun) for pronoun in PRONOUNS)
        counted = after.is_a(Word.DETERMINER) and token.words != 'her'
        return certain or after.is_a(Word.CONTENT) or counted

    def _verb(self, place: int) -> Frame | None:
        return verb_at(self._tokens, place)

    def _token(self, place: int) -> Token | None:
        return token_at(self._tokens, place)
