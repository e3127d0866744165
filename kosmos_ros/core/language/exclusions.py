# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Exclusions: 'except', 'that is not', 'without'.

They refer to what is wanted ('the plates that are not white', 'all but the red one'), so the name
of the excluded objects is composed of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kosmos_ros.core.language.nouns import Noun, NounReader, ONES, TokenReader
from kosmos_ros.core.language.words.lexicon import (
    ADJECTIVES,
    EXCLUDING,
    Link,
    NOUNS_TOO,
    PARTICIPLES,
    Word,
)
from kosmos_ros.core.language.words.tokens import Token

Span = tuple[int, int]

_THOSE = ('those', 'that', 'these', 'this')
_LISTED = frozenset(
    ('except', 'except for', 'excluding', 'apart from', 'aside from', 'besides', 'other than')
)
"""Behind these, 'and' goes on with what is excluded: 'except the fork and the knife'."""


class Excluded(NamedTuple):
    """
    One kind of object that is not wanted, as spans of the text.

    ``name``: its noun, None: that of what is wanted. ``before`` and ``behind`` are its attributes;
    ``part`` is what it has.
    """

    before: Span | None = None
    name: Span | None = None
    behind: Span | None = None
    part: Span | None = None


class Exclusion(NamedTuple):
    """All that one 'except' excludes, up to ``end``; 0 where nothing follows."""

    parts: tuple[Excluded, ...]
    end: int


class ExclusionReader(TokenReader):
    """Reads what follows a link of ``EXCLUDING``."""

    def __init__(
        self, tokens: Sequence[Token], has_verbs: bool, destinations: frozenset[Link]
    ) -> None:
        super().__init__(tokens, has_verbs)
        self._nouns, self._destinations = NounReader(tokens, has_verbs), destinations
        self._at = 0

    def read(self, place: int, link: Link) -> tuple[Exclusion, int]:
        """Read from the place behind the link; return what is excluded, and where it ends."""
        listed = self._tokens[place - 1].words in _LISTED
        self._at = place
        parts: list[Excluded] = []
        while (part := self._part(link)) is not None:
            parts.append(part)
            if not self._goes_on(part, listed):
                break
            self._skip_joints()
        end = self._tokens[self._at - 1].end if parts else 0
        return Exclusion(tuple(parts), end), self._at

    def _part(self, link: Link) -> Excluded | None:
        token = self._here()
        while token is not None and token.is_a(Word.FILLER) and not token.is_a(Word.DETERMINER):
            self._at += 1
            token = self._here()
        if token is None:
            return None
        if link is Link.LACKS and not self._at_one():
            return self._lacked()
        if token.words in PARTICIPLES:
            return Excluded(behind=self._rest())
        if token.link is not None and token.link not in EXCLUDING:
            return Excluded(behind=self._relations(token.start))
        if token.is_a(Word.DETERMINER) or link is not Link.IS_NOT:
            return self._named()
        return self._told() if token.is_a(Word.CONTENT) else None

    def _at_one(self) -> bool:
        """Tell whether 'without the red one' takes away an object rather than a part."""
        noun, _ = self._nouns.read(self._at, False)
        return noun is not None and noun.words[-1] in ONES and len(noun.words) > 1

    def _lacked(self) -> Excluded | None:
        noun, self._at = self._nouns.read(self._at, False)
        if noun is None:
            return None
        begin = noun.name if noun.determiner in ('any', 'no') else noun.start
        return Excluded(part=(begin, noun.end))

    def _named(self) -> Excluded | None:
        token, after = self._here(), self._token(self._at + 1)
        if token and after and token.words in _THOSE and after.words in PARTICIPLES:
            return self._pronoun()
        noun, self._at = self._nouns.read(self._at, False)
        if noun is None:
            return self._pronoun()
        if not set(ONES).isdisjoint(noun.words[:-1]):
            return Excluded(before=self._told_of_ones(noun))
        behind = self._behind(noun)
        if noun.words[-1] in ONES:
            before = (noun.name, noun.end - len(noun.words[-1])) if len(noun.words) > 1 else None
            return Excluded(before=before, behind=behind) if before or behind else None
        if not _names(noun.words):
            return Excluded(before=(noun.name, noun.end), behind=behind)
        return Excluded(name=(noun.start, noun.end), behind=behind)

    def _behind(self, noun: Noun) -> Span | None:
        """Take the attributes behind the name of an excluded object."""
        after = self._here()
        if self._goes_there(after):
            return None
        if after is not None and after.words in PARTICIPLES:
            return self._rest()
        relations = self._relations(noun.end)
        return relations if relations[0] < relations[1] else None

    def _pronoun(self) -> Excluded | None:
        token = self._here()
        if token is None or not token.is_a(Word.CONTENT, Word.OBJECT_PRONOUN):
            return None
        self._at += 1
        if token.words in _THOSE:
            return self._told_of_those(token.end)
        return Excluded(name=(token.start, token.end))

    def _told_of_those(self, start: int) -> Excluded | None:
        """Read 'those on the shelf', 'those that are red', 'those wearing hats'."""
        after = self._here()
        if after is not None and after.is_a(Word.LINKER):
            self._at += 1
            after = self._here()
            if after is not None and after.is_a(Word.CONTENT):
                return self._told()
        if after is not None and after.words in PARTICIPLES:
            return Excluded(behind=self._rest())
        behind = self._relations(start)
        return Excluded(behind=behind) if behind[0] < behind[1] else None

    def _told_of_ones(self, noun: Noun) -> Span | None:
        """Return the attributes of 'ones', before or behind it: 'the ones that are red'."""
        tokens = [one for one in self._tokens if noun.name <= one.start < noun.end]
        place = next(place for place, one in enumerate(tokens) if one.words in ONES)
        told = [one for one in tokens[place + 1 :] if one.is_a(Word.CONTENT)] or tokens[:place]
        return (told[0].start, told[-1].end) if told else None

    def _told(self) -> Excluded:
        """Read what an object is not: 'white', 'plugged in', 'made of glass'."""
        begin = end = self._at
        while (token := self._token(end)) is not None and token.is_a(Word.CONTENT):
            end += 1
        after = self._token(end)
        words = [token.words for token in self._tokens[begin:end]]
        is_whole = after is None or _ends(after) or after.is_a(Word.FILLER)
        if not (is_whole or ADJECTIVES.issuperset(words) or self._goes_there(after)):
            return Excluded(behind=self._rest())
        self._at = end
        return Excluded(before=(self._tokens[begin].start, self._tokens[end - 1].end))

    def _goes_there(self, token: Token | None) -> bool:
        """Tell whether what follows is where the verb puts something."""
        return token is not None and token.link in self._destinations

    def _rest(self) -> Span:
        """Take all up to the next joint."""
        begin = self._at
        while (token := self._here()) is not None and not _ends(token):
            self._at += 1
        return self._tokens[begin].start, self._tokens[self._at - 1].end

    def _relations(self, start: int) -> Span:
        """Take what follows that says where something is."""
        end = start
        while (token := self._here()) is not None and (token.link or token.direction):
            if token.link in EXCLUDING:
                break
            self._at += 1
            end = token.end
            if not token.direction:
                noun, self._at = self._nouns.read(self._at, False)
                end = noun.end if noun else end
        return start, end

    def _goes_on(self, part: Excluded, listed: bool) -> bool:
        """Tell whether another object is excluded by the same word: 'neither red nor blue'."""
        joint = self._here()
        if joint is None or not joint.is_a(Word.AND, Word.COMMA):
            return False
        place = self._at
        while (after := self._token(place)) is not None and after.is_a(Word.AND, Word.COMMA):
            place += 1
        if after is None or self._verb(place):
            return False
        if joint.words in ('or', 'nor'):
            return True
        noun, _ = self._nouns.read(place, False)
        if noun is None:
            return False
        if noun.determiner and part.name is None:
            return noun.words[-1] in ONES
        return listed if noun.determiner else not _names(noun.words) or listed

    def _skip_joints(self) -> None:
        while (token := self._here()) is not None and token.is_a(Word.AND, Word.COMMA):
            self._at += 1

    def _here(self) -> Token | None:
        return self._token(self._at)


def _names(words: Sequence[str]) -> bool:
    """Tell whether words name an object rather than only say how it is."""
    return words[-1] not in ADJECTIVES or words[-1] in NOUNS_TOO


def _ends(token: Token) -> bool:
    """Tell whether something else begins here."""
    return token.is_a(Word.AND, Word.COMMA, Word.STEP) or token.link in EXCLUDING
