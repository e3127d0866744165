# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From tokens to steps: each a verb, noun phrases without their relations, and links to others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kosmos_ros.core.language.items import JOINTS, StepPart, StepPartReader
from kosmos_ros.core.language.nouns import Noun
from kosmos_ros.core.language.polite_forms import polite_end
from kosmos_ros.core.language.words.lexicon import ADJECTIVES, EXCLUDING, Link, NOUNS_TOO, Word
from kosmos_ros.core.language.words.tokens import tokenize
from kosmos_ros.core.language.words.verbs import (
    DEFAULT_FRAME,
    GERUNDS,
    NO_VERB,
    PLAIN_VERBS,
    VerbFrame,
    VERBS,
)

_INDEFINITE = frozenset(('a', 'an'))


class Step(NamedTuple):
    """What is to be done, from one verb to the next, or ``forbidden`` to be done."""

    frame: VerbFrame
    items: tuple[StepPart, ...]
    forbidden: bool = False


def read_steps(text: str) -> tuple[Step, ...]:
    """Split an instruction into its steps."""
    return tuple(_reader(text).steps())


def read_names(text: str, start: int, end: int) -> tuple[Step, ...]:
    """Read a part of a text that names objects, none of its words a verb, as steps without one."""
    return tuple(_StepReader(tokenize(text, start, end), has_verbs=False).steps())


def opens_instruction(text: str) -> bool:
    """Tell whether a text begins with a verb that asks for an action, or forbids one."""
    return _reader(text).at_verb(is_polite=polite_end(text) > 0)


def opens_prohibition(text: str) -> bool:
    """Tell whether a text begins with what is not to be done."""
    return _reader(text).at_prohibition()


def acts_later(text: str) -> bool:
    """Tell whether a later step of a text asks for an action: 'find the mug and lift it'."""
    return _reader(text).has_later_verb()


def _reader(text: str) -> _StepReader:
    return _StepReader(tokenize(text, polite_end(text)))


class _StepReader(StepPartReader):
    """Puts items together to steps."""

    def steps(self) -> Iterator[Step]:
        forbidden = False
        while (token := self._skip(*JOINTS, Word.FILLER)) is not None:
            # 'do not try to move it'
            forbidden = self._forbids(token) or (forbidden and token.words == 'to')
            self._frame = DEFAULT_FRAME if self._has_verbs else NO_VERB
            if forbidden:
                self._at += 1
                self._skip_aside()
                self._at += bool(self._verb(self._at))
                yield Step(self._frame, tuple(self._items()), forbidden=True)
                continue
            if token.words == 'to' and self._has_verbs:  # 'use the gripper to pick ...'
                self._at += 1
            verb = self._verb(self._at, first=self._at == 0)
            if verb:
                self._frame = verb
                self._at += 1
            yield Step(self._frame, tuple(self._items()))

    def _skip_aside(self) -> None:
        """Skip what stands between commas: 'do not, under any circumstances, touch it'."""
        behind = self._tokens[self._at :]
        commas = [place for place, token in enumerate(behind) if token.is_a(Word.COMMA)]
        if len(commas) > 1 and commas[0] == 0:
            self._at += commas[1] + 1

    def at_prohibition(self) -> bool:
        token = self._skip(*JOINTS, Word.FILLER)
        has_more = self._token(self._at + 1) is not None
        return token is not None and has_more and self._forbids(token)

    def at_verb(self, is_polite: bool) -> bool:
        if self.at_prohibition():
            return True
        token = self._token(self._at)
        if token is None or self._token(self._at + 1) is None:
            return False
        if token.link in EXCLUDING:  # 'instead of the mug, take the bowl'
            return self.has_later_verb()
        # 'would you mind picking it up', but 'building with a door'
        return bool(self._verb(self._at, first=is_polite and token.words in GERUNDS))

    def has_later_verb(self) -> bool:
        return any(
            after.words in VERBS and self._verb(place)
            for place, after in enumerate(self._tokens)
            if place and (after.words in PLAIN_VERBS or self._tokens[place - 1].is_a(*JOINTS))
        )

    def _items(self) -> Iterator[StepPart]:
        held: StepPart | None = None
        while (token := self._skip(Word.FILLER, Word.LINKER)) is not None:
            if self._ends_step(token):
                break
            if token.is_a(*JOINTS) and not self._excludes(token):
                self._at += 1
                if not (token.is_a(Word.COMMA) and self._continues()):
                    self._join(token)
                continue
            item = self._item(token, held)
            if item is None:
                continue
            if held is not None and self._joined_at >= 0 and self._belongs(held, item):
                held = _absorbed(held, item)
            else:
                if held is not None:
                    yield held
                held = item._replace(joined_at=-1 if item.exclusion else self._joined_at)
            self._joined_at = -1
        if held is not None:
            yield held

    def _belongs(self, held: StepPart, item: StepPart) -> bool:
        """
        Tell whether what 'and' joins is still about the object before.

        So it is in 'a man with a hat and sunglasses', 'a bowl full of rice and beans' and 'the
        bottle that is red and large'.
        """
        if item.link is not None or not item.nouns or not held.nouns or not self._joint:
            return False
        noun, before = item.nouns[0], held.nouns[-1]
        is_said_of_it = not noun.determiner and ADJECTIVES.issuperset(noun.words)
        if (is_said_of_it and noun.words[-1] not in NOUNS_TOO) or self._is_pair(held, noun):
            return True
        is_with = held.link is Link.HAVING or 'with' in before.words
        if not (is_with or 'of' in before.words):
            return False
        had = before.determiner.split() if held.link is Link.HAVING else before.words
        has_determiner = bool(_INDEFINITE.intersection(had))
        if noun.determiner:
            return is_with and noun.determiner in _INDEFINITE and 'the' not in had
        if self._joint.is_a(Word.COMMA):
            return not has_determiner and (held.link is Link.HAVING or bool(before.determiner))
        return True

    def _is_pair(self, held: StepPart, noun: Noun) -> bool:
        """Tell whether a bare noun goes with one: 'in suits and ties', 'a bride and groom'."""
        if self._joint is None or self._joint.is_a(Word.COMMA):
            return False
        before = held.nouns[-1].determiner
        is_pair = before in _INDEFINITE and len(noun.words) == 1 and not self._has_verbs
        return not noun.determiner and (held.link is not None or is_pair)

    def _continues(self) -> bool:
        """Tell whether what follows a comma is still about what came before it."""
        after = self._token(self._at)
        return after is not None and (
            (after.is_a(Word.LINKER) and not after.is_a(Word.DETERMINER)) or after.link is not None
        )


def _absorbed(held: StepPart, item: StepPart) -> StepPart:
    """Let the last noun of an item reach over what belongs to it."""
    last, more = held.nouns[-1], item.nouns[0]
    noun = last._replace(end=more.end, words=(*last.words, 'and', *more.words))
    return held._replace(end=item.end, nouns=(*held.nouns[:-1], noun))
