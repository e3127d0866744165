# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Phrases of LOCATE that boxes help to decide: relations, exceptions, numbers, orders.

Boxes decide which side of another thing a thing is on better than a small model's answer to the
whole phrase (docs/interfaces.md). So the model is also asked for the parts of 'the mug behind the
green box', 'the mug' and 'the green box', and the mugs behind that box are chosen. Of 'the plates
that are not white' it is asked for the plates and for the white plates, of 'the second mug from
the left' for the mugs. Other relations are left to the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kosmos_ros.core.language.object_phrases import Name, ObjectPhrase
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.tasks.instruct import find, is_scenery, Sight
from kosmos_ros.core.tasks.relations import on_a_side, same_thing


def taken_apart(name: Name, relations_by_boxes: bool) -> ObjectPhrase | None:
    """Return what a name means where boxes help to decide it, else None."""
    phrase = name.phrase
    if phrase is None or phrase.is_counted:
        return phrase
    everything = list(phrase.everything())
    relations = [relation for one in everything for relation in one.relations]
    if not relations_by_boxes or not relations or any(is_scenery(one) for one in everything):
        return None
    told = all(on_a_side(one.words) and len(one.references) == 1 for one in relations)
    return phrase if told else None


def fitting_boxes(phrase: ObjectPhrase, seen: Mapping[str, Located]) -> tuple[Located, Sight]:
    """
    Return the boxes that fit the phrase, best first, and a note on them.

    :param seen: the ``calibrated`` answers to all that the phrase is ``asked_for`` with.
    """
    sight = find(phrase, seen)
    whole = seen[phrase.asked]
    chosen = [box.box for box in sight.boxes]
    others = tuple(box for box in whole.alternatives if chosen and not same_thing([box], chosen))
    if phrase.is_counted:
        others = ()  # they may be the excluded ones
    return replace(whole, existence=sight.existence, boxes=sight.boxes, alternatives=others), sight


def asked_for(whole: Sequence[str], parts: Sequence[ObjectPhrase | None]) -> tuple[str, ...]:
    """
    Return all expressions to ask the model for, each once, the phrases first.

    :param whole: what each phrase is asked for as a whole.
    :param parts: the parts of each, if taken apart.
    """
    alone = [
        text
        for text, part in zip(whole, parts, strict=True)
        if part is None or not part.is_counted
    ]
    expressions = [text for part in parts if part is not None for text in part.expressions()]
    return tuple(dict.fromkeys([*alone, *expressions]))
