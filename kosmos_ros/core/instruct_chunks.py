# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From tokens to steps: each a verb, noun phrases without their relations, and links to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kosmos_ros.core.instruct_grammar import DEFAULT_FRAME, Frame, Link, PLAIN_VERBS, VERBS, Word
from kosmos_ros.core.instruct_nouns import Noun, NounReader, PRONOUNS, token_at, verb_at
from kosmos_ros.core.instruct_tokens import Token, tokenize

_JOINTS = (Word.AND, Word.COMMA, Word.STEP)
_PAIRS = ('between', 'in between', 'among')


class Item(NamedTuple):
    """
    A part of a step: a link with what it leads to, or what the verb is about.

    Without ``nouns`` it is a pronoun, a person or a place that has no name. ``conjunct``: joined
    by 'and' to what came before.
    """

    start: int
    end: int
    link: Link | None = None
    words: str = ''
    nouns: tuple[Noun, ...] = ()
    person: bool = False
    conjunct: bool = False


class Step(NamedTuple):
    """What is to be done, from one verb to the next."""

    frame: Frame
    items: tuple[Item, ...]


def read_steps(text: str) -> tuple[Step, ...]:
    """Split an instruction into its steps."""
    return tuple(_Reader(tokenize(text)).steps())


def opens_instruction(text: str) -> bool:
    """Tell whether a text begins with a verb that asks for an action."""
    return _Reader(tokenize(text)).at_verb()


def acts_later(text: str) -> bool:
    """Tell whether a later step of a text asks for an action: 'find the mug and lift it'."""
    return _Reader(tokenize(text)).has_later_verb()


class _Reader:
    """Reads tokens from left to right; never looks back."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._nouns = NounReader(tokens)
        self._at = 0
        self._frame = DEFAULT_FRAME

    def steps(self) -> Iterator[Step]:
        while (token := self._skip(*_JOINTS, Word.FILLER)) is not None:
            self._frame = DEFAULT_FRAME
            if token.is_a(Word.NOT):
                self._at += 1 + bool(self._verb(self._at + 1))
                for _ in self._items():  # read over what is not to be done
                    pass
                continue
            if token.words == 'to':  # 'use the gripper to pick ...'
                self._at += 1
            verb = self._verb(self._at, first=self._at == 0)
            if verb:
                self._frame = verb
                self._at += 1
            yield Step(self._frame, tuple(self._items()))

    def at_verb(self) -> bool:
        token = self._skip(*_JOINTS, Word.FILLER)
        has_more = self._token(self._at + 1) is not None
        return (
            token is not None and token.words in VERBS and has_more and bool(self._verb(self._at))
        )

    def has_later_verb(self) -> bool:
        return any(
            after.words in VERBS and self._verb(place)
            for place, after in enumerate(self._tokens)
            if place and any(map(self._tokens[place - 1].is_a, _JOINTS))
        )

    def _items(self) -> Iterator[Item]:
        conjunct = False
        while (token := self._skip(Word.FILLER, Word.LINKER)) is not None:
            if self._ends_step(token):
                return
            if any(token.is_a(joint) for joint in _JOINTS):
                self._at += 1
                conjunct |= not (token.is_a(Word.COMMA) and self._continues())
                continue
            item = self._item(token)
            if item:
                yield item._replace(conjunct=conjunct)
                conjunct = False

    def _continues(self) -> bool:
        """Tell whether what follows a comma is still about what came before it."""
        after = self._token(self._at)
        return after is not None and (after.is_a(Word.LINKER) or after.link is not None)

    def _item(self, token: Token) -> Item | None:
        """Read one item; None for words that add none."""
        if token.direction:
            self._at += 1
            return Item(token.start, token.end, token.direction, token.words)
        if token.link:
            return self._linked(token, token.link)
        noun = self._noun()
        if noun:
            return self._named(noun)
        self._at += 1
        if token.is_a(Word.OBJECT_PRONOUN):
            return Item(token.start, token.end)
        if token.is_a(Word.PERSON_PRONOUN):
            return Item(token.start, token.end, person=True)
        return None

    def _linked(self, token: Token, link: Link) -> Item | None:
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
        named = tuple(one for one in nouns if not one.is_robot)
        return Item(token.start, nouns[-1].end, link, token.words, named, person=not named)

    def _linked_pronoun(self, token: Token, link: Link) -> Item | None:
        pronoun = self._token(self._at)
        if pronoun is None or not any(pronoun.is_a(kind) for kind in PRONOUNS):
            return None
        self._at += 1
        person = not pronoun.is_a(Word.OBJECT_PRONOUN)
        return Item(token.start, pronoun.end, link, token.words, person=person)

    def _paired(self) -> Iterator[Noun]:
        joint = self._token(self._at)
        if joint and joint.is_a(Word.AND):
            self._at += 1
            noun = self._noun()
            if noun:
                yield noun
            else:
                self._at -= 1

    @staticmethod
    def _named(noun: Noun) -> Item | None:
        if noun.is_robot:
            return Item(noun.start, noun.end, person=True)
        return Item(noun.start, noun.end, nouns=(noun,))

    def _ends_step(self, token: Token) -> bool:
        """Tell whether another step begins at or behind this joint or infinitive."""
        if token.words == 'to':
            return bool(self._verb(self._at + 1))
        if not any(token.is_a(joint) for joint in _JOINTS):
            return token.words in PLAIN_VERBS and bool(self._verb(self._at))
        place = self._at
        while (after := self._token(place)) is not None and any(
            after.is_a(kind) for kind in (*_JOINTS, Word.FILLER)
        ):
            place += 1
        return after is None or after.is_a(Word.NOT) or bool(self._verb(place))

    def _noun(self) -> Noun | None:
        noun, self._at = self._nouns.read(self._at, self._frame.has_tool)
        return noun

    def _verb(self, place: int, first: bool = False) -> Frame | None:
        return verb_at(self._tokens, place, first)

    def _skip(self, *kinds: Word) -> Token | None:
        """Go on to the next token that is none of these, and return it."""
        while (token := self._token(self._at)) is not None:
            if not any(token.is_a(kind) for kind in kinds) or token.is_a(Word.DETERMINER):
                return token
            self._at += 1
        return None

    def _token(self, place: int) -> Token | None:
        return token_at(self._tokens, place)
