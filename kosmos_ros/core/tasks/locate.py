# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
LOCATE: all phrases in all views at once, and what boxes help to decide about them.

Boxes decide on which side of another object an object is better than a small model's answer to the
whole phrase (docs/interfaces.md). So the model is also asked for the parts of 'the mug behind the
green box', 'the mug' and 'the green box', and the mugs behind that box are chosen. Of 'the plates
that are not white' it is asked for the plates and for the white plates, of 'the second mug from
the left' for the mugs. Other relations are left to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.language.auto_task import named_objects
from kosmos_ros.core.language.object_phrases import Name, ObjectPhrase
from kosmos_ros.core.language.superlatives import by_order
from kosmos_ros.core.looks.trail import Sought
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.core.tasks.answer import answer_in_boxes, FoundPhrase
from kosmos_ros.core.tasks.ask_model import (
    look_for,
    raw_note,
    seen_in_parts,
    Sightings,
)
from kosmos_ros.core.tasks.closer_look import with_closer_look
from kosmos_ros.core.tasks.instruct import find, is_scenery, not_understood, Sight, sought
from kosmos_ros.core.tasks.plan import Outcome, TaskContext
from kosmos_ros.core.tasks.relations import is_among, is_side
from kosmos_ros.core.types import GroundingRequest

_BETWEEN = '; '


@dataclass(frozen=True)
class Wanted:
    """
    An object to look for: its name, what the model is asked for, and how that is read.

    ``part``: ``phrase`` where its boxes help to decide which are meant.
    """

    text: str
    whole: str
    part: ObjectPhrase | None
    phrase: ObjectPhrase | None = None


@dataclass(frozen=True)
class Locate:
    """The objects that a query ``names`` in ``text``, and how many alternatives to return."""

    text: str
    names: tuple[Name, ...]
    alternatives: int = 0

    @classmethod
    def read(cls, query: str, request: GroundingRequest) -> Locate:
        """Read which objects a query names; raises ``InvalidRequestError`` if unclear."""
        text, names = named_objects(query, request.literal and bool(query))
        if not names.names and not names.forbidden:
            raise InvalidRequestError(
                "LOCATE needs the name of an object, such as 'the red cube', or several names, "
                "joined by ';', ',' or 'and'"
            )
        if not names.names:
            raise InvalidRequestError(
                f'{query!r} says only what is not wanted; name the kind of object too, as in '
                "'the plates that are not white'"
            )
        if any(name.excludes and not name.phrase for name in names.names):
            raise not_understood(query)
        return cls(text, names.names, request.alternatives)

    def run(self, context: TaskContext, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
        """Look for the objects in each view; the answer's text is their names, joined by ';'."""
        wanted, asked = _wanted(self, context)
        everything = _sought(wanted, asked)
        if any(one.by_the_rest for one in everything) and seen_in_parts(context, cutouts):
            wanted, asked = _wanted(self, context, in_parts=True)
            everything = _sought(wanted, asked)
        phrases = [one.part for one in wanted if one.part]
        # To single out one box of several takes all of them.
        most = context.settings.max_boxes if phrases else context.limits.max_boxes
        looks = look_for(context, cutouts, everything, most, self.alternatives)
        return tuple(
            _outcome(
                context,
                wanted,
                with_closer_look(context, cutout, phrases, one) if phrases else one,
            )
            for cutout, one in zip(cutouts, looks, strict=True)
        )


def taken_apart(
    phrase: ObjectPhrase | None, relations_by_boxes: bool, in_parts: bool = False
) -> ObjectPhrase | None:
    """
    Return what a name means where boxes help to decide it, else None.

    :param in_parts: the model sees the image part by part, and cannot decide any relation.
    """
    if phrase is None or phrase.is_counted:
        return phrase
    everything = list(phrase.everything())
    relations = [relation for one in everything for relation in one.relations]
    if not relations_by_boxes or not relations or any(is_scenery(one) for one in everything):
        return None
    if in_parts:
        return phrase
    by_sides = all(is_side(one.words) and len(one.references) == 1 for one in relations)
    return phrase if by_sides else None


def asked_for(wanted: Sequence[Wanted]) -> tuple[str, ...]:
    """Return all expressions to ask the model for, each once, the phrases first."""
    whole = [one.whole for one in wanted if one.part is None or not one.part.is_counted]
    parts = [text for one in wanted if one.part for text in one.part.expressions()]
    return tuple(dict.fromkeys([*whole, *parts]))


def _wanted(
    plan: Locate, context: TaskContext, in_parts: bool = False
) -> tuple[list[Wanted], tuple[str, ...]]:
    """Return what is wanted, taken apart as far as the limit allows, and its expressions."""
    by_boxes, limit = context.settings.relations_by_boxes, context.settings.max_phrases
    ranks = in_parts and by_boxes
    wanted = [
        Wanted(words, phrase.asked if phrase else words, part, phrase)
        for name in plan.names
        if (words := ' '.join(plan.text[name.start : name.end].split()))
        for phrase in [by_order(name.phrase) if ranks and name.phrase else name.phrase]
        for part in [taken_apart(phrase, by_boxes, in_parts)]
    ]
    asked = asked_for(wanted)
    if len(asked) > limit:
        # Relations may be left to the model; what is excluded or counted may not.
        wanted = [
            one if one.part and one.part.is_counted else replace(one, part=None) for one in wanted
        ]
        asked = asked_for(wanted)
    if len(asked) > limit:
        raise InvalidRequestError(
            f'LOCATE looks for at most {limit} expressions (max_phrases), these {len(wanted)} '
            f'phrases come to {len(asked)}'
        )
    return wanted, asked


def _sought(wanted: Sequence[Wanted], asked: Sequence[str]) -> tuple[Sought, ...]:
    return sought(asked, [one.phrase for one in wanted if one.phrase])


def _outcome(context: TaskContext, wanted: Sequence[Wanted], sightings: Sightings) -> Outcome:
    seen = sightings.answers
    found, start = [], 0
    for one in wanted:
        found.append(_found(context, one, start, sightings))
        start += len(one.text) + len(_BETWEEN)
    prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in seen)
    text = _BETWEEN.join(one.text for one in wanted)
    return Outcome(prompt, answer_in_boxes(found, text, context.limits), sightings.looks)


def _found(context: TaskContext, one: Wanted, start: int, sightings: Sightings) -> FoundPhrase:
    """Place a located object in the text."""
    whole = sightings.answers[one.whole]
    if one.part is None:
        sight, others = Sight(whole.existence, whole.boxes), whole.alternatives
    else:
        sight = find(one.part, sightings.answers)
        chosen = [box.box for box in sight.boxes]
        # Those of a counted phrase may be the excluded ones.
        usable = whole.alternatives if chosen and not one.part.is_counted else ()
        others = tuple(box for box in usable if not is_among(box.box, chosen))
    unknown = sightings.notes[one.whole]
    return FoundPhrase(
        text=one.text,
        start=start,
        end=start + len(one.text),
        existence=sight.existence,
        boxes=sight.boxes,
        alternatives=others,
        missing=unknown or sight.missing or raw_note(context, sight.existence),
        note='; '.join(filter(None, (sight.note, unknown))),
    )
