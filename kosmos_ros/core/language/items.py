# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From tokens to the items of a step: noun phrases, and links to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from kosmos_ros.core.language.exclusions import Exclusion, ExclusionReader
from kosmos_ros.core.language.nouns import (
    Noun,
    NounReader,
    PRONOUNS,
    takes_back,
    TokenReader,
)
from kosmos_ros.core.language.words.lexicon import BARRED, EXCLUDING, Link, PARTICIPLES, Word
from kosmos_ros.core.language.words.quantities import ORDINALS
from kosmos_ros.core.language.words.tokens import Token
from kosmos_ros.core.language.words.verbs import DEFAULT_FRAME, PLAIN_VERBS

JOINTS = (Word.AND, Word.COMMA, Word.STEP)
_PAIRS = ('between', 'in between', 'among')
_ALONE = frozenset(('alone', 'untouched', 'where', 'as', 'be'))


class StepPart(NamedTuple):
    """
    A part of a step: a link with what it leads to, or the verb's object.

    Without ``nouns`` it is a pronoun, a person or a place that has no name. ``joined_at``: where
    the 'and' or the comma begins that joins it to what came before, -1 without one.
    ``exclusion``: what is excluded from what came before.
    """

    start: int
    end: int
    link: Link | None = None
    words: str = ''
    nouns: tuple[Noun, ...] = ()
    person: bool = False
    joined_at: int = -1
    exclusion: Exclusion | None = None

    @property
    def conjunct(self) -> bool:
        """Tell whether it is joined to what came before."""
        return self.joined_at >= 0


class StepPartReader(TokenReader):
    """Reads tokens from left to right; never looks back."""

    def __init__(self, tokens: Sequence[Token], has_verbs: bool = True) -> None:
        super().__init__(tokens, has_verbs)
        self._nouns = NounReader(tokens, has_verbs)
        self._at = 0
        self._joined_at = -1
        self._joint: Token | None = None
        self._frame = DEFAULT_FRAME

    def _item(self, token: Token, held: StepPart | None) -> StepPart | None:
        """Read one item; None for words that add none."""
        if token.direction:
            self._at += 1
            return StepPart(token.start, token.end, token.direction, token.words)
        if self._excludes(token) or token.link in EXCLUDING:
            return self._excluded(token)
        if token.words in BARRED:
            self._at += 1
            return StepPart(token.start, token.end, Link.IS_NOT, token.words)
        if token.link:
            return self._linked(token, token.link)
        return self._unlinked(token, held)

    def _unlinked(self, token: Token, held: StepPart | None) -> StepPart | None:
        if held is not None and takes_back(token):
            self._at += 1
            return StepPart(token.start, token.end, Link.IS_NOT, token.words)
        if held is not None and self._joined_at < 0 and token.words in PARTICIPLES:
            return self._having(token)
        begin = self._at
        noun = self._noun()
        if noun:
            return self._named(noun)
        self._at = max(self._at, begin + 1)
        if token.is_a(Word.OBJECT_PRONOUN):
            return StepPart(token.start, token.end)
        if token.is_a(Word.PERSON_PRONOUN):
            return StepPart(token.start, token.end, person=True)
        return None

    def _excluded(self, token: Token) -> StepPart:
        link = token.link or Link.EXCEPT
        reader = ExclusionReader(self._tokens, self._has_verbs, self._frame.destinations)
        exclusion, self._at = reader.read(self._at + 1, link)
        end = exclusion.end or token.end
        return StepPart(token.start, end, link, token.words, exclusion=exclusion)

    def _having(self, token: Token) -> StepPart:
        self._at += 1
        words = [token.words]
        after = self._token(self._at)
        if after is not None and (after.words in ('with', 'in') or after.is_a(Word.OF)):
            words.append(after.words)
            self._at += 1
        noun = self._noun()
        if noun is not None:
            return StepPart(token.start, noun.end, Link.HAVING, ' '.join(words), (noun,))
        end = token.end
        while (after := self._token(self._at)) is not None and not self._ends_name(after):
            words.append(after.words)
            end = after.end
            self._at += 1
        return StepPart(token.start, end, Link.HAVING, ' '.join(words))

    @staticmethod
    def _ends_name(token: Token) -> bool:
        return token.is_a(*JOINTS, Word.FILLER) or token.link is not None

    def _linked(self, token: Token, link: Link) -> StepPart | None:
        self._at += 1
        following = self._skip(Word.FILLER)
        if link is Link.SOURCE and following and following.link:  # 'from under the plate'
            self._at += 1
        noun = self._noun()
        if noun is None:
            return self._linked_pronoun(token, link)
        nouns = [noun]
        if token.words in _PAIRS:
            nouns += self._paired()
        named = tuple(one for one in nouns if not (one.is_robot and self._has_verbs))
        return StepPart(token.start, nouns[-1].end, link, token.words, named, person=not named)

    def _linked_pronoun(self, token: Token, link: Link) -> StepPart | None:
        pronoun = self._token(self._at)
        if pronoun is None or not pronoun.is_a(*PRONOUNS):
            return None
        self._at += 1
        person = not pronoun.is_a(Word.OBJECT_PRONOUN)
        return StepPart(token.start, pronoun.end, link, token.words, person=person)

    def _paired(self) -> Iterator[Noun]:
        joint = self._token(self._at)
        if joint and joint.is_a(Word.AND):
            self._at += 1
            noun = self._noun()
            if noun:
                yield noun
            else:
                self._at -= 1

    def _named(self, noun: Noun) -> StepPart | None:
        if noun.is_robot and self._has_verbs:
            return StepPart(noun.start, noun.end, person=True)
        return StepPart(noun.start, noun.end, nouns=(noun,))

    def _excludes(self, token: Token) -> bool:
        """Tell whether 'but' excludes: 'all mugs but the red one'; 'but take it' does not."""
        if token.words != 'but':
            return False
        after = self._token(self._at + 1)
        return (
            after is not None
            and not after.is_a(Word.NOT, *JOINTS, Word.FILLER)
            and after.link is None
            and not self._verb(self._at + 1)
        )

    def _ends_step(self, token: Token) -> bool:
        """Tell whether another step begins at or behind this joint or infinitive."""
        if self._forbids(token):
            return True
        if not self._has_verbs:
            return False
        if token.words == 'to':
            return bool(self._verb(self._at + 1))
        if not token.is_a(*JOINTS):
            return token.words in PLAIN_VERBS and bool(self._verb(self._at))
        place = self._at
        while (after := self._token(place)) is not None and after.is_a(*JOINTS, Word.FILLER):
            place += 1
        return after is None or after.is_a(Word.NOT) or bool(self._verb(place))

    def _forbids(self, token: Token) -> bool:
        """Tell whether what follows is forbidden: 'do not', and 'without' before a gerund."""
        if token.words == 'not' and self._verb(self._at + 1):
            return True
        if token.words in BARRED or self._leaves_alone(token):
            return token.words not in BARRED
        if token.is_a(Word.NOT) and not (takes_back(token) and self._is_clause()):
            return self._has_verbs or len(self._tokens) > self._at + 1
        after = self._token(self._at + 1)
        return (
            self._has_verbs
            and token.words in ('without', 'instead of', 'rather than')
            and after is not None
            and after.words.endswith('ing')
        )

    def _leaves_alone(self, token: Token) -> bool:
        """Tell whether nothing is to be done to an object: 'leave the mug alone'."""
        if token.words != 'leave' or not self._has_verbs:
            return False
        step = takewhile(lambda one: not one.is_a(*JOINTS), self._tokens[self._at :])
        return any(one.words in _ALONE for one in step)

    def _is_clause(self) -> bool:
        """Tell whether what comes before is still about an object: 'the dog that never barks'."""
        before = self._token(self._at - 1) if self._at else None
        return before is not None and before.words in ('that', 'which', 'who')

    def _noun(self) -> Noun | None:
        noun, self._at = self._nouns.read(self._at, self._frame.has_tool)
        return noun

    def _skip(self, *kinds: Word) -> Token | None:
        """Go on to the next token that is none of these, and return it."""
        while (token := self._token(self._at)) is not None:
            is_ordinal = token.words in ORDINALS and not self._has_verbs
            if not token.is_a(*kinds) or token.is_a(Word.DETERMINER) or is_ordinal:
                return token
            if token.is_a(*JOINTS):
                self._join(token)
            self._at += 1
        return None

    def _join(self, token: Token) -> None:
        """Remember where a joint begins, and which word ends it."""
        if self._joined_at < 0:
            self._joined_at = token.start
        self._joint = None if token.is_a(Word.STEP) else token
