# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""LOCATE: all phrases in all views at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.language.auto_task import named_objects
from kosmos_ros.core.language.object_phrases import Name, ObjectPhrase
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.core.tasks.answer import answer_in_boxes, FoundPhrase
from kosmos_ros.core.tasks.ask_model import look_for, strange_words
from kosmos_ros.core.tasks.closer_look import with_closer_look
from kosmos_ros.core.tasks.instruct import not_understood
from kosmos_ros.core.tasks.parts import asked_for, fitting_boxes, taken_apart
from kosmos_ros.core.tasks.plan import Outcome, TaskContext
from kosmos_ros.core.types import GroundingRequest

_BETWEEN = '; '


@dataclass(frozen=True)
class _Wanted:
    """A thing to look for: its name, what the model is asked for, and its parts."""

    text: str
    whole: str
    part: ObjectPhrase | None


@dataclass(frozen=True)
class Locate:
    """The ``things`` that a query names in ``text``, and how many alternatives to return."""

    text: str
    things: tuple[Name, ...]
    alternatives: int = 0

    @classmethod
    def read(cls, query: str, request: GroundingRequest) -> Locate:
        """
        Read which things a query names.

        :raises InvalidRequestError: if there are none, or it is not understood which.
        """
        text, names = named_objects(query, request.literal and bool(query))
        if not names.names and not names.forbidden:
            raise InvalidRequestError(
                "LOCATE needs the name of an object, such as 'the red cube', or several names, "
                "joined by ';', ',' or 'and'"
            )
        if not names.names:
            raise InvalidRequestError(
                f'{query!r} says only what is not wanted; say of which kind of thing the others '
                "are, as in 'the plates that are not white'"
            )
        if any(name.excludes and not name.phrase for name in names.names):
            raise not_understood(query)
        return cls(text, names.names, request.alternatives)

    def run(self, context: TaskContext, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
        """
        Look for the things in each view.

        The answer's text is their names, separated by ';', whatever separated them in the query.

        :raises InvalidRequestError: if there are too many.
        """
        wanted, asked = _wanted(self, context)
        parts = [one.part for one in wanted]
        # To single out one box of several takes all of them.
        most = context.settings.max_boxes if any(parts) else context.limits.max_boxes
        looks = look_for(context, cutouts, asked, most, self.alternatives)
        phrases = [part for part in parts if part is not None]
        return tuple(
            _outcome(context, wanted, with_closer_look(context, cutout, phrases, seen))
            for cutout, seen in zip(cutouts, looks, strict=True)
        )


def _wanted(plan: Locate, context: TaskContext) -> tuple[list[_Wanted], tuple[str, ...]]:
    """Return what is wanted, taken apart as far as the limit allows, and its expressions."""
    by_boxes, limit = context.settings.relations_by_boxes, context.settings.max_phrases
    wanted = [
        _Wanted(words, name.phrase.asked if name.phrase else words, taken_apart(name, by_boxes))
        for name in plan.things
        if (words := ' '.join(plan.text[name.start : name.end].split()))
    ]
    asked = _asked(wanted)
    if len(asked) > limit:
        # Relations may be left to the model; what is excluded or counted may not.
        wanted = [
            one if one.part and one.part.is_counted else replace(one, part=None) for one in wanted
        ]
        asked = _asked(wanted)
    if len(asked) > limit:
        raise InvalidRequestError(
            f'LOCATE looks for at most {limit} expressions (max_phrases), these {len(wanted)} '
            f'phrases come to {len(asked)}'
        )
    return wanted, asked


def _asked(wanted: Sequence[_Wanted]) -> tuple[str, ...]:
    return asked_for([one.whole for one in wanted], [one.part for one in wanted])


def _outcome(
    context: TaskContext, wanted: Sequence[_Wanted], seen: Mapping[str, Located]
) -> Outcome:
    found, start = [], 0
    for one in wanted:
        found.append(_found(context, one, start, seen))
        start += len(one.text) + len(_BETWEEN)
    prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in seen)
    text = _BETWEEN.join(one.text for one in wanted)
    return Outcome(prompt, answer_in_boxes(found, text, context.limits))


def _found(
    context: TaskContext, one: _Wanted, start: int, seen: Mapping[str, Located]
) -> FoundPhrase:
    """Place a located thing in the text."""
    missing = note = ''
    if one.part is None:
        where = seen[one.whole]
    else:
        where, sight = fitting_boxes(one.part, seen)
        missing, note = sight.missing, sight.note
    strange = strange_words(context, one.whole)
    return FoundPhrase(
        text=one.text,
        start=start,
        end=start + len(one.text),
        existence=where.existence,
        boxes=where.boxes,
        alternatives=where.alternatives,
        missing=strange or missing,
        note='; '.join(filter(None, (note, strange))),
    )
