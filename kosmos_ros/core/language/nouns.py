# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where a noun phrase without its relations begins and ends, and where a verb begins a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from kosmos_ros.core.language.words.lexicon import (
    ADJECTIVES,
    BARRED,
    COLLECTIVES,
    FIXED_PAIRS,
    Link,
    NEGATIVE_WORDS,
    NOUNS_TOO,
    PARTICIPLES,
    SELF_NOUNS,
    TRAILING_DIRECTIONS,
    Word,
)
from kosmos_ros.core.language.words.quantities import COUNTED_PLACES, ORDINALS, SUPERLATIVES
from kosmos_ros.core.language.words.tokens import Token
from kosmos_ros.core.language.words.verbs import (
    DEFAULT_FRAME,
    GERUNDS,
    GOING_VERBS,
    NO_VERBS,
    PHRASAL_VERBS,
    PLAIN_VERBS,
    VerbFrame,
    VERBS,
    WAY_NOUNS,
)

ONES = ('one', 'ones')
PRONOUNS = (Word.OBJECT_PRONOUN, Word.PERSON_PRONOUN)
_BEFORE_ADJECTIVES = ('that is', 'which is', "that's", 'that are', 'which are')
_SUBJECTS = frozenset(('you', 'i', 'we', 'he', 'she'))
_AUXILIARIES = frozenset(('has', 'had', 'can', 'could', 'will', 'would', 'was', 'got', 'say'))
_ANYTHING = ('everything', 'anything', 'something')
_NEVER_NOUNS = frozenset(('to', 'into', 'onto', 'toward', 'towards', 'over to'))


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


def takes_back(token: Token) -> bool:
    """Tell whether a word negates in a way not understood: 'the mug that hasn't a handle'."""
    if token.words in BARRED:
        return True
    is_read = token.kinds != (Word.CONTENT,) and not token.is_a(Word.NOT)
    return not is_read and (token.words in NEGATIVE_WORDS or token.words.endswith("n't"))


def verb_at(tokens: Sequence[Token], place: int, first: bool = False) -> VerbFrame | None:
    """Return the frame of a verb that opens a step here; None if there is none."""
    token, after = token_at(tokens, place), token_at(tokens, place + 1)
    if token is None or not token.is_a(Word.CONTENT):
        return None
    if after is None:
        return VERBS.get(token.words) if first else None
    opens = after.is_a(Word.DETERMINER, *PRONOUNS, Word.FILLER) or after.words in _ANYTHING
    if token.words in GERUNDS and first:
        return GERUNDS[token.words]
    if token.words in VERBS:
        opens = opens or first or after.link is not None or after.direction is not None
        return VERBS[token.words] if opens or token.words in PLAIN_VERBS else None
    if after.is_a(Word.FILLER) and not after.is_a(Word.DETERMINER):
        behind = token_at(tokens, place + 2)
        is_phrasal = token.words in PHRASAL_VERBS and behind is not None
        opens = is_phrasal and behind is not None and behind.is_a(Word.DETERMINER)
    known = token.words in ADJECTIVES | NO_VERBS or _begins_clause(tokens, place + 1)
    return DEFAULT_FRAME if (opens and not known) or (_is_going(tokens, place)) else None


def _begins_clause(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a clause about the object begins: 'bus that says ...', 'man you can see'."""
    token, after = tokens[place], token_at(tokens, place + 1)
    if token.words in _SUBJECTS:
        return True
    if token.words != 'that' or after is None:
        return False
    tells = after.words.endswith(('s', 'ed')) and not after.words.endswith('ss')
    return tells or after.words in _AUXILIARIES or after.is_a(Word.PERSON_PRONOUN)


def _is_going(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a word before a preposition is a verb: 'navigate to', 'dock at'."""
    token, after = tokens[place], token_at(tokens, place + 1)
    if after is not None and after.is_a(Word.FILLER):
        after = token_at(tokens, place + 2)
    if after is None or after.link is None or after.link is Link.LACKS:
        return False
    if after.words in _NEVER_NOUNS and token.words not in WAY_NOUNS:
        return token.words not in ADJECTIVES
    return token.words in GOING_VERBS


class TokenReader:
    """The tokens of a text; where it only names objects, none is taken for a verb."""

    def __init__(self, tokens: Sequence[Token], has_verbs: bool = True) -> None:
        self._tokens, self._has_verbs = tokens, has_verbs

    def _token(self, place: int) -> Token | None:
        return token_at(self._tokens, place)

    def _verb(self, place: int, first: bool = False) -> VerbFrame | None:
        return verb_at(self._tokens, place, first) if self._has_verbs else None


class NounReader(TokenReader):
    """Reads noun phrases from tokens."""

    _has_tool = False

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
        words, place = tuple(token.words for token in tokens), max(place, taken[-1] + 1)
        determiner = ' '.join(determiners)
        return Noun(begin.start, tokens[-1].end, tokens[0].start, determiner, words), place

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
        if token.is_a(Word.CONTENT) or takes_back(token):
            begins_step = token.words in PLAIN_VERBS and words and self._verb(place)
            ends = begins_step or self._is_participle(place, words) or takes_back(token)
            return 0 if ends else 1
        if token.words in ONES:
            return int(bool(words) or is_begun)
        if token.is_a(Word.OF) or token.words == 'with':
            return self._reach_of_attribute(token, place, words)
        return self._reach_of_other(token, place, words, is_begun)

    def _reach_of_other(self, token: Token, place: int, words: list[str], is_begun: bool) -> int:
        """Reach over a word that elsewhere is part of no name: 'the first mug', 'big, red mug'."""
        after = self._token(place + 1)
        if after is not None and self._is_place(token, after, words):
            return 1
        if after is None or not after.is_a(Word.CONTENT):
            return 0
        is_joint = token.is_a(Word.AND, Word.COMMA)
        if not words:
            return int(is_begun and not is_joint and token.words[0].isalnum())
        if is_joint:
            return int(self._names_kind(after, place, words) or self._is_one_thing(place, words))
        if token.is_a(Word.DETERMINER) and words[-1] in COUNTED_PLACES:
            return 1
        return 2 if token.words in _BEFORE_ADJECTIVES else 0

    @staticmethod
    def _is_place(token: Token, after: Token, words: list[str]) -> bool:
        """Tell whether a word is of a place in a row: 'the first two', 'the second nearest'."""
        if words:
            return words[-1] in ORDINALS and token.words in SUPERLATIVES
        goes_on = after.words in SUPERLATIVES or after.is_a(Word.CONTENT, Word.DETERMINER)
        return token.words in ORDINALS and goes_on and after.words not in ('the', 'a', 'an')

    def _names_kind(self, after: Token, place: int, words: list[str]) -> bool:
        """Tell whether a joint is one of adjectives: 'the big, red mug', not 'orange, pear'."""
        if not ADJECTIVES.union((',', 'and')).issuperset(words) or self._verb(place + 1):
            return False
        return words[-1] not in NOUNS_TOO or after.words in ADJECTIVES

    def _is_one_thing(self, place: int, words: list[str]) -> bool:
        """Tell whether 'and' joins two names to the name of one object: 'mug and bowl set'."""
        after = takewhile(lambda one: one.is_a(Word.CONTENT), self._tokens[place + 1 :])
        behind = [token.words for token in after]
        pair = f'{words[-1]} and {behind[0]}'
        if pair in FIXED_PAIRS:
            return pair != 'salt and pepper' or len(behind) > 1
        return len(behind) > 1 and behind[-1] in COLLECTIVES

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

    def _is_participle(self, place: int, words: list[str]) -> bool:
        """Tell whether a word behind a name tells what the object has, does or says."""
        token, after = self._tokens[place], self._token(place + 1)
        if not words or token.words not in PARTICIPLES or after is None:
            return False
        return after.is_a(Word.DETERMINER, Word.CONTENT, Word.OF) or after.words in ('with', 'in')

    def _is_determiner(self, place: int) -> bool:
        token, after = self._token(place), self._token(place + 1)
        if token is None or after is None or not token.is_a(Word.DETERMINER):
            return False
        certain = not token.is_a(*PRONOUNS)
        counted = after.is_a(Word.DETERMINER) and token.words != 'her'
        return certain or after.is_a(Word.CONTENT) or counted
