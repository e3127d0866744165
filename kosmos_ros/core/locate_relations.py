# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Relations in the phrases of LOCATE: 'the mug behind the green box'.

Which side of another thing a thing is on, boxes tell better than a small model's answer to the
whole phrase does ("Scores" in the documentation has both). So the model is asked for the parts,
'the mug' and 'the green box', as well, and the mugs behind that box are chosen. Relations that
boxes do not tell, and phrases that are not wholly of that kind, are the model's alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kosmos_ros.core.backend import Located
from kosmos_ros.core.instruct_parser import ObjectPhrase, parse_instruction
from kosmos_ros.core.instruct_relations import on_a_side
from kosmos_ros.core.instruct_task import find, is_scenery
from kosmos_ros.core.types import Role


def related(phrase: str) -> ObjectPhrase | None:
    """Return the parts of a phrase whose relations boxes tell, None for any other phrase."""
    targets = [one for one in parse_instruction(phrase) if one.role is Role.TARGET]
    if len(targets) != 1 or targets[0].asked.casefold() != phrase.casefold():
        return None
    everything = list(_walk(targets[0]))
    relations = [relation for one in everything for relation in one.relations]
    if not relations or any(is_scenery(one) for one in everything):
        return None
    told = all(on_a_side(one.words) and len(one.references) == 1 for one in relations)
    return targets[0] if told else None


def expressions(phrase: ObjectPhrase) -> tuple[str, ...]:
    """Return what the model is asked for besides the phrase itself."""
    words = [text for one in _walk(phrase) for text in (one.head, one.asked)]
    return tuple(text for text in dict.fromkeys(words) if text != phrase.asked)


def in_their_places(phrase: ObjectPhrase, seen: Mapping[str, Located]) -> Located:
    """
    Return the boxes that are where the phrase says, best first.

    :param seen: what is believed of the phrase and each of its ``expressions``.
    """
    sight = find(phrase, seen)
    return replace(seen[phrase.asked], existence=sight.existence, boxes=sight.boxes)


def asked_for(phrases: Sequence[str], parts: Sequence[ObjectPhrase | None]) -> tuple[str, ...]:
    """Return all that the model is asked for, each once, the phrases first."""
    related_ones = [part for part in parts if part is not None]
    extra = [text for part in related_ones for text in (part.asked, *expressions(part))]
    return tuple(dict.fromkeys([*phrases, *extra]))


def _walk(phrase: ObjectPhrase) -> Iterator[ObjectPhrase]:
    yield phrase
    for reference in phrase.references:
        yield from _walk(reference)
