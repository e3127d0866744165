# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From the items of a step to noun phrases with their relations.

Whether a preposition names a destination, or singles out the object before it, follows from the
verb.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kosmos_ros.core.language.items import StepPart
from kosmos_ros.core.language.nouns import Noun
from kosmos_ros.core.language.words.lexicon import EXCLUDING, Link, SCENERY
from kosmos_ros.core.language.words.verbs import NO_VERB, VerbFrame


@dataclass
class Node:
    """A noun phrase while its relations are being collected."""

    noun: Noun
    relations: list[tuple[StepPart, list[Node]]] = field(default_factory=list)
    excluded: list[StepPart] = field(default_factory=list)
    rank: str = ''
    end: int = 0

    def last(self) -> Node:
        """Return the noun phrase that a relation behind this one belongs to."""
        named = [nodes for _, nodes in self.relations if nodes]
        return named[-1][-1].last() if named else self


@dataclass
class Segment:
    """What one conjunct of a step names: objects, destinations, and others."""

    objects: list[Node] = field(default_factory=list)
    destinations: list[Node] = field(default_factory=list)
    others: list[Node] = field(default_factory=list)
    loose: list[Node] = field(default_factory=list)
    has_object: bool = False
    has_destination: bool = False


def conjuncts(items: Sequence[StepPart]) -> Iterator[list[StepPart]]:
    current: list[StepPart] = []
    for item in items:
        if item.conjunct and current:
            yield current
            current = []
        current.append(item)
    if current:
        yield current


def read_segment(items: Sequence[StepPart], frame: VerbFrame) -> Segment:
    """Tell arguments of the verb from relations of its objects."""
    segment = Segment()
    goal = _destination(items, frame)
    gives = frame.gives and len(items) > 1 and bool(items[0].nouns) and items[1].link is None
    before: Node | None = None
    for place, item in enumerate(items):
        nodes = [Node(noun) for noun in item.nouns]
        if item.link is None:
            receives = gives and place == 0 and bool(items[1].nouns)
            (segment.destinations if receives else segment.objects).extend(nodes)
            segment.has_object |= not item.person
        elif item.link in EXCLUDING or item.link is Link.RANK:
            told = before or next(iter(segment.objects[::-1]), None)
            if told is not None:
                _tell(told, item)
            continue
        elif place == goal:
            segment.has_destination = True
            segment.destinations += nodes
        elif item.link in (Link.SOURCE, Link.TOOL) and frame is not NO_VERB:
            segment.others += nodes
        elif before is not None:
            before.last().relations.append((item, nodes))
            continue
        else:
            segment.loose += nodes
        before = nodes[-1] if nodes else None
    return segment


def _tell(node: Node, item: StepPart) -> None:
    """Add to a noun phrase where counting begins, or what is excluded."""
    if item.link is Link.RANK:
        node.rank = item.words
        node.end = item.end
        return
    last = node.last()
    # In 'the mug on the table that is not red', the mug is not red.
    (node if last.noun.words[-1] in SCENERY else last).excluded.append(item)


def promote(segment: Segment) -> None:
    """Let a verb without an object act on what its preposition names: 'look at the mug'."""
    if segment.has_object:
        return
    for nodes in (segment.loose, segment.destinations, segment.others):
        if nodes:
            segment.objects = list(nodes)
            nodes.clear()
            return


def _destination(items: Sequence[StepPart], frame: VerbFrame) -> int | None:
    """
    Return which item is the destination.

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


def _rank(item: StepPart, place: int) -> tuple[int, int]:
    if not (item.nouns or item.person):
        return (3 if item.link is Link.BESIDE_GOAL else 0), place
    if item.link is Link.GOAL:
        return (4 if item.nouns else 5), place
    return (2, place) if item.link in (Link.SURFACE, Link.AIM) else (1, -place)
