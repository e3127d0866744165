# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From tokens to steps: each a verb, noun phrases without their relations, and links to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from kosmos_ros.core.instruct_exclusions import Exclusion, ExclusionReader
from kosmos_ros.core.instruct_grammar import (
    ADJECTIVES,
    BARRED,
    EXCLUDING,
    Link,
    NOUNS_TOO,
    PARTICIPLES,
    Word,
)
from kosmos_ros.core.instruct_nouns import (
    Noun,
    NounReader,
    PRONOUNS,
    takes_back,
    token_at,
    verb_at,
)
from kosmos_ros.core.instruct_tokens import Token, tokenize
from kosmos_ros.core.instruct_verbs import (
    DEFAULT_FRAME,
    Frame,
    GERUNDS,
    NO_VERB,
    PLAIN_VERBS,
    VERBS,
)
from kosmos_ros.core.quantities import ORDINALS
from kosmos_ros.core.query_frames import polite_end

_JOINTS = (Word.AND, Word.COMMA, Word.STEP)
_PAIRS = ('between', 'in between', 'among')
_INDEFINITE = frozenset(('a', 'an'))
_ALONE = frozenset(('alone', 'untouched', 'where', 'as', 'be'))


class Item(NamedTuple):
    """
    A part of a step: a link with what it leads to, or what the verb is about.

    Without ``nouns`` it is a pronoun, a person or a place that has no name. ``joined_at``: where
    the 'and' or the comma begins that joins it to what came before, -1 without one.
    ``exclusion``: what is taken away from what came before.
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


class Step(NamedTuple):
    """What is to be done, from one verb to the next, or ``forbidden`` to be done."""

    frame: Frame
    items: tuple[Item, ...]
    forbidden: bool = False


def read_steps(text: str) -> tuple[Step, ...]:
    """Split an instruction into its steps."""
    return tuple(_reader(text).steps())


def read_names(text: str, start: int, end: int) -> tuple[Step, ...]:
    """Read a part of a text that names things, none of its words a verb, as steps without one."""
    return tuple(_Reader(tokenize(text, start, end), has_verbs=False).steps())


def opens_instruction(text: str) -> bool:
    """Tell whether a text begins with a verb that asks for an action, or forbids one."""
    return _reader(text).at_verb(is_polite=polite_end(text) > 0)


def opens_prohibition(text: str) -> bool:
    """Tell whether a text begins with what is not to be done."""
    return _reader(text).at_prohibition()


def acts_later(text: str) -> bool:
    """Tell whether a later step of a text asks for an action: 'find the mug and lift it'."""
    return _reader(text).has_later_verb()


def _reader(text: str) -> _Reader:
    return _Reader(tokenize(text, polite_end(text)))


class _Reader:
    """Reads tokens from left to right; never looks back."""

    def __init__(self, tokens: Sequence[Token], has_verbs: bool = True) -> None:
        self._tokens = tokens
        self._has_verbs = has_verbs
        self._nouns = NounReader(tokens, has_verbs)
        self._at = 0
        self._joined_at = -1
        self._joint: Token | None = None
        self._frame = DEFAULT_FRAME

    def steps(self) -> Iterator[Step]:
        forbidden = False
        while (token := self._skip(*_JOINTS, Word.FILLER)) is not None:
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
        token = self._skip(*_JOINTS, Word.FILLER)
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
            if place and (after.words in PLAIN_VERBS or self._tokens[place - 1].is_a(*_JOINTS))
        )

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
        """Tell whether nothing is to be done to a thing: 'leave the mug alone'."""
        if token.words != 'leave' or not self._has_verbs:
            return False
        step = takewhile(lambda one: not one.is_a(*_JOINTS), self._tokens[self._at :])
        return any(one.words in _ALONE for one in step)

    def _is_clause(self) -> bool:
        """Tell whether what comes before is still about a thing: 'the dog that never barks'."""
        before = self._token(self._at - 1) if self._at else None
        return before is not None and before.words in ('that', 'which', 'who')

    def _items(self) -> Iterator[Item]:
        held: Item | None = None
        while (token := self._skip(Word.FILLER, Word.LINKER)) is not None:
            if self._ends_step(token):
                break
            if token.is_a(*_JOINTS) and not self._excludes(token):
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

    def _belongs(self, held: Item, item: Item) -> bool:
        """
        Tell whether what 'and' joins is still about the thing before.

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

    def _is_pair(self, held: Item, noun: Noun) -> bool:
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

    def _excludes(self, token: Token) -> bool:
        """Tell whether 'but' takes away: 'all mugs but the red one'; 'but take it' does not."""
        if token.words != 'but':
            return False
        after = self._token(self._at + 1)
        return (
            after is not None
            and not after.is_a(Word.NOT, *_JOINTS, Word.FILLER)
            and after.link is None
            and not self._verb(self._at + 1)
        )

    def _item(self, token: Token, held: Item | None) -> Item | None:
        """Read one item; None for words that add none."""
        if token.direction:
            self._at += 1
            return Item(token.start, token.end, token.direction, token.words)
        if self._excludes(token) or token.link in EXCLUDING:
            return self._excluded(token)
        if token.words in BARRED:
            self._at += 1
            return Item(token.start, token.end, Link.IS_NOT, token.words)
        if token.link:
            return self._linked(token, token.link)
        return self._unlinked(token, held)

    def _unlinked(self, token: Token, held: Item | None) -> Item | None:
        if held is not None and takes_back(token):
            self._at += 1
            return Item(token.start, token.end, Link.IS_NOT, token.words)
        if held is not None and self._joined_at < 0 and token.words in PARTICIPLES:
            return self._having(token)
        begin = self._at
        noun = self._noun()
        if noun:
            return self._named(noun)
        self._at = max(self._at, begin + 1)
        if token.is_a(Word.OBJECT_PRONOUN):
            return Item(token.start, token.end)
        if token.is_a(Word.PERSON_PRONOUN):
            return Item(token.start, token.end, person=True)
        return None

    def _excluded(self, token: Token) -> Item:
        link = token.link or Link.EXCEPT
        reader = ExclusionReader(self._tokens, self._nouns, self._verb, self._frame.destinations)
        exclusion, self._at = reader.read(self._at + 1, link)
        return Item(
            token.start, exclusion.end or token.end, link, token.words, exclusion=exclusion
        )

    def _having(self, token: Token) -> Item:
        self._at += 1
        words = [token.words]
        after = self._token(self._at)
        if after is not None and (after.words in ('with', 'in') or after.is_a(Word.OF)):
            words.append(after.words)
            self._at += 1
        noun = self._noun()
        if noun is not None:
            return Item(token.start, noun.end, Link.HAVING, ' '.join(words), (noun,))
        end = token.end
        while (after := self._token(self._at)) is not None and not self._ends_name(after):
            words.append(after.words)
            end = after.end
            self._at += 1
        return Item(token.start, end, Link.HAVING, ' '.join(words))

    @staticmethod
    def _ends_name(token: Token) -> bool:
        return token.is_a(*_JOINTS, Word.FILLER) or token.link is not None

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
        named = tuple(one for one in nouns if not (one.is_robot and self._has_verbs))
        return Item(token.start, nouns[-1].end, link, token.words, named, person=not named)

    def _linked_pronoun(self, token: Token, link: Link) -> Item | None:
        pronoun = self._token(self._at)
        if pronoun is None or not pronoun.is_a(*PRONOUNS):
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

    def _named(self, noun: Noun) -> Item | None:
        if noun.is_robot and self._has_verbs:
            return Item(noun.start, noun.end, person=True)
        return Item(noun.start, noun.end, nouns=(noun,))

    def _ends_step(self, token: Token) -> bool:
        """Tell whether another step begins at or behind this joint or infinitive."""
        if self._forbids(token):
            return True
        if not self._has_verbs:
            return False
        if token.words == 'to':
            return bool(self._verb(self._at + 1))
        if not token.is_a(*_JOINTS):
            return token.words in PLAIN_VERBS and bool(self._verb(self._at))
        place = self._at
        while (after := self._token(place)) is not None and after.is_a(*_JOINTS, Word.FILLER):
            place += 1
        return after is None or after.is_a(Word.NOT) or bool(self._verb(place))

    def _noun(self) -> Noun | None:
        noun, self._at = self._nouns.read(self._at, self._frame.has_tool)
        return noun

    def _verb(self, place: int, first: bool = False) -> Frame | None:
        return verb_at(self._tokens, place, first) if self._has_verbs else None

    def _skip(self, *kinds: Word) -> Token | None:
        """Go on to the next token that is none of these, and return it."""
        while (token := self._token(self._at)) is not None:
            is_ordinal = token.words in ORDINALS and not self._has_verbs
            if not token.is_a(*kinds) or token.is_a(Word.DETERMINER) or is_ordinal:
                return token
            if token.is_a(*_JOINTS):
                self._join(token)
            self._at += 1
        return None

    def _join(self, token: Token) -> None:
        """Remember where a joint begins, and which word ends it."""
        if self._joined_at < 0:
            self._joined_at = token.start
        self._joint = None if token.is_a(Word.STEP) else token

    def _token(self, place: int) -> Token | None:
        return token_at(self._tokens, place)


def _absorbed(held: Item, item: Item) -> Item:
    """Let the last noun of an item reach over what belongs to it."""
    last, more = held.nouns[-1], item.nouns[0]
    noun = last._replace(end=more.end, words=(*last.words, 'and', *more.words))
    return held._replace(end=item.end, nouns=(*held.nouns[:-1], noun))
