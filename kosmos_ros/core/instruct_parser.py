# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which objects an instruction names, in which roles, and how they are told apart.

    parse_instruction('put the red mug left of the blue box into the bowl')

gives the TARGET 'the red mug left of the blue box', the REFERENCE 'the blue box' inside it and
the DESTINATION 'the bowl'.

This is a small grammar of English instructions rather than a language model, because

- a robot has to hear that the screwdriver it shall fetch is *not* there: a model that ties words
  to what it sees cannot name that, and models of this size were not trained on instructions;
- libraries for parsing English bring no model that installs offline, or guess how prepositions
  attach, which in an instruction follows from the verb: 'put the mug on the plate' has a
  destination, 'pick up the mug on the plate' has none;
- object phrases in instructions are delimited by words of closed classes, which can be listed.

What the grammar cannot know is decided the usual way: 'put A on B' places A, unless a clearer
destination follows ('put A on B into C'); a relation belongs to the nearest object before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kosmos_ros.core.instruct_chunks import Item, read_steps, Step
from kosmos_ros.core.instruct_grammar import (
    Frame,
    INDEFINITE_WORDS,
    Link,
    POSSESSIVES,
    SEVERAL_WORDS,
)
from kosmos_ros.core.instruct_nouns import Noun
from kosmos_ros.core.types import Role

_SINGULAR_ENDINGS = ('ss', 'us', 'is')


@dataclass(frozen=True)
class Relation:
    """What singles an object out: the words of the preposition and its objects, if any."""

    words: str
    references: tuple[ObjectPhrase, ...] = ()


@dataclass(frozen=True)
class ObjectPhrase:
    """
    An object that an instruction names at ``text[start:end]``.

    ``head`` names it without, ``asked`` with its relations, both with single spaces and neutral
    determiners. ``several``: more than one is meant; ``definite``: exactly one or those are.
    """

    start: int
    end: int
    role: Role
    head: str
    asked: str
    relations: tuple[Relation, ...] = ()
    several: bool = False
    definite: bool = True

    @property
    def references(self) -> tuple[ObjectPhrase, ...]:
        """The objects that its relations name."""
        return tuple(one for relation in self.relations for one in relation.references)

    def everything(self) -> Iterator[ObjectPhrase]:
        """Yield itself, then all that its relations name, however deep."""
        yield self
        for reference in self.references:
            yield from reference.everything()


def parse_instruction(text: str) -> tuple[ObjectPhrase, ...]:
    """
    Return the objects that an instruction names, in the order of the text.

    Those that only single out another one are among that one's ``references`` and in the result
    as well. What is named twice in the same role is there once.
    """
    found = [phrase for step in read_steps(text) for phrase in _phrases(text, step)]
    unique: dict[tuple[str, Role], ObjectPhrase] = {}
    for phrase in sorted(found, key=lambda one: (one.start, -one.end)):
        unique.setdefault((phrase.asked.casefold(), phrase.role), phrase)
    return tuple(unique.values())


@dataclass
class _Node:
    """A noun phrase while its relations are being collected."""

    noun: Noun
    relations: list[tuple[Item, list[_Node]]] = field(default_factory=list)

    def last(self) -> _Node:
        """Return the noun phrase that a relation behind this one belongs to."""
        named = [nodes for _, nodes in self.relations if nodes]
        return named[-1][-1].last() if named else self


@dataclass
class _Segment:
    """What one conjunct of a step names: objects, destinations, and other things."""

    objects: list[_Node] = field(default_factory=list)
    destinations: list[_Node] = field(default_factory=list)
    others: list[_Node] = field(default_factory=list)
    loose: list[_Node] = field(default_factory=list)
    has_object: bool = False
    has_destination: bool = False


def _phrases(text: str, step: Step) -> Iterator[ObjectPhrase]:
    """Name the roles of a step's objects."""
    previous: _Segment | None = None
    for items in _conjuncts(step.items):
        segment = _read(items, step.frame)
        if previous is None:
            _promote(segment)
        elif previous.destinations and not segment.has_destination:
            # 'put it between ...', 'put it on the plate and the tray'
            segment.destinations, segment.objects = segment.objects, []
            segment.has_destination = True
        segment.others += segment.loose
        for role, nodes in (
            (Role.TARGET, segment.objects),
            (Role.DESTINATION, segment.destinations),
            (Role.REFERENCE, segment.others),
        ):
            for node in nodes:
                yield from _phrase(text, node, role).everything()
        previous = segment


def _conjuncts(items: Sequence[Item]) -> Iterator[list[Item]]:
    current: list[Item] = []
    for item in items:
        if item.conjunct and current:
            yield current
            current = []
        current.append(item)
    if current:
        yield current


def _read(items: Sequence[Item], frame: Frame) -> _Segment:
    """Tell arguments of the verb from relations of its objects."""
    segment = _Segment()
    goal = _destination(items, frame)
    gives = frame.gives and len(items) > 1 and bool(items[0].nouns) and items[1].link is None
    before: _Node | None = None
    for place, item in enumerate(items):
        nodes = [_Node(noun) for noun in item.nouns]
        if item.link is None:
            receives = gives and place == 0 and bool(items[1].nouns)
            (segment.destinations if receives else segment.objects).extend(nodes)
            segment.has_object |= not item.person
        elif place == goal:
            segment.has_destination = True
            segment.destinations += nodes
        elif item.link in (Link.SOURCE, Link.TOOL):
            segment.others += nodes
        elif before is not None:
            before.last().relations.append((item, nodes))
            continue
        else:
            segment.loose += nodes
        before = nodes[-1] if nodes else None
    return segment


def _promote(segment: _Segment) -> None:
    """Let a verb without an object act on what its preposition names: 'look at the mug'."""
    if segment.has_object:
        return
    for nodes in (segment.loose, segment.destinations, segment.others):
        if nodes:
            segment.objects = list(nodes)
            nodes.clear()
            return


def _destination(items: Sequence[Item], frame: Frame) -> int | None:
    """
    Return which item tells where things go.

    The clearest preposition wins: 'into', then 'to the left', then 'on', then 'behind', then
    another place without a name. Of several the last one, but the first of those like 'behind',
    since the others single out what it is put behind.
    """
    ranked = [
        (_rank(item, place), place)
        for place, item in enumerate(items)
        if item.link in frame.destinations
    ]
    return max(ranked)[1] if ranked else None


def _rank(item: Item, place: int) -> tuple[int, int]:
    if not (item.nouns or item.person):
        return (3 if item.link is Link.BESIDE_GOAL else 0), place
    if item.link is Link.GOAL:
        return (4 if item.nouns else 5), place
    return (2, place) if item.link in (Link.SURFACE, Link.AIM) else (1, -place)


def _phrase(text: str, node: _Node, role: Role) -> ObjectPhrase:
    noun = node.noun
    relations = []
    asked = head = _head(text, noun)
    end = noun.end
    for item, nodes in node.relations:
        references = tuple(_phrase(text, one, Role.REFERENCE) for one in nodes)
        relations.append(Relation(item.words, references))
        named = ' and '.join(one.asked for one in references)
        asked = f'{asked} {item.words} {named}'.rstrip()
        end = max([end, item.end, *(one.end for one in references)])
    words = noun.determiner.split()
    return ObjectPhrase(
        noun.start,
        end,
        role,
        head,
        asked,
        tuple(relations),
        several=_is_several(noun),
        definite=not INDEFINITE_WORDS.intersection(words),
    )


def _head(text: str, noun: Noun) -> str:
    """Return the words for the model, whose it is left out: that cannot be seen."""
    name = ' '.join(text[noun.name : noun.end].split())
    words = ['the' if word in POSSESSIVES else word for word in noun.determiner.split()]
    return ' '.join([*words, name])


def _is_several(noun: Noun) -> bool:
    if SEVERAL_WORDS.intersection(noun.determiner.split()):
        return True
    # 'the cups of the set': the first noun counts, not what follows 'of'
    of = noun.words.index('of') if 'of' in noun.words else len(noun.words)
    last = noun.words[max(0, of - 1)]
    return last.endswith('s') and not last.endswith(_SINGULAR_ENDINGS)
