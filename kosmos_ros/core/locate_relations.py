# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Relations in the phrases of LOCATE: 'the mug behind the green box'.

Which side of another thing a thing is on, boxes tell better than a small model's answer to the
whole phrase does (docs/interfaces.md). So the model is asked for the parts, 'the mug' and 'the
green box', as well, and the mugs behind that box are chosen. Relations that boxes do not tell, and
phrases that are not wholly of that kind, are the model's alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kosmos_ros.core.backend import Located
from kosmos_ros.core.instruct_parser import ObjectPhrase, parse_instruction
from kosmos_ros.core.instruct_relations import on_a_side, same_thing
from kosmos_ros.core.instruct_task import find, is_scenery
from kosmos_ros.core.types import Role


def related(phrase: str) -> ObjectPhrase | None:
    """Return the parts of a phrase whose relations boxes tell, None for any other phrase."""
    targets = [one for one in parse_instruction(phrase) if one.role is Role.TARGET]
    if len(targets) != 1 or targets[0].asked.casefold() != phrase.casefold():
        return None
    everything = list(targets[0].everything())
    relations = [relation for one in everything for relation in one.relations]
    if not relations or any(is_scenery(one) for one in everything):
        return None
    told = all(on_a_side(one.words) and len(one.references) == 1 for one in relations)
    return targets[0] if told else None


def in_their_places(phrase: ObjectPhrase, seen: Mapping[str, Located]) -> tuple[Located, str]:
    """
    Return the boxes that are where the phrase says, best first, and in words why there are none.

    :param seen: what is believed of all that the phrase is ``asked_for`` with.
    """
    sight = find(phrase, seen)
    whole = seen[phrase.asked]
    chosen = [box.box for box in sight.boxes]
    others = tuple(box for box in whole.alternatives if chosen and not same_thing([box], chosen))
    located = replace(whole, existence=sight.existence, boxes=sight.boxes, alternatives=others)
    return located, sight.missing


def asked_for(phrases: Sequence[str], parts: Sequence[ObjectPhrase | None]) -> tuple[str, ...]:
    """Return all that the model is asked for, each once, the phrases first."""
    named = [one for part in parts if part is not None for one in part.everything()]
    expressions = [text for one in named for text in (one.asked, one.head)]
    return tuple(dict.fromkeys([*phrases, *expressions]))
