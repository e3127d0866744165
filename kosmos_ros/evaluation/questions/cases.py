# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A question with its right answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from kosmos_ros.core.types import Box, GroundingRequest, Role


class Kind(Enum):
    """Kinds of questions; the value is the name in reports."""

    UNIQUE = 'locate, one object'
    SEVERAL = 'locate, several objects'
    SUPERLATIVE = 'locate, leftmost, largest, ...'
    RELATION = 'locate, left of, behind, ...'
    ABSENT = 'locate, absent object'
    UNKNOWN = 'locate, unknown word'
    WORDING = 'locate, put otherwise'
    WORDING_ABSENT = 'locate, absent, put otherwise'
    STRANGE = 'locate, strange words'
    IDENTIFY = 'identify'
    ASK_COLOR = 'ask, colour'
    ASK_WHAT = 'ask, what'
    ASK_COUNT = 'ask, how many'
    ASK_EXISTS = 'ask, is there'
    ASK_WHERE = 'ask, where'
    CAPTION = 'describe'
    EMPTY = 'describe, empty table'
    INSTRUCT = 'instruct, put this there'
    INSTRUCT_RELATED = 'instruct, the one left of that'
    INSTRUCT_ABSENT = 'instruct, absent object'
    EXPRESSION = 'locate, referring expression'
    PHRASE = 'locate, phrase of a caption'
    CATEGORY = 'locate, category'
    LABEL = 'identify, category'
    WRITTEN = 'describe or ask, labelled things'


FROM_FOLDERS = frozenset((Kind.EXPRESSION, Kind.PHRASE, Kind.CATEGORY))
"""Kinds that are asked about annotated photographs only, never about simulated scenes."""


@dataclass(frozen=True)
class NamedBox:
    """A thing in the image: colour and shape, as in 'red cube', and its normalised box."""

    name: str
    box: Box


@dataclass(frozen=True)
class Case:
    """
    A request about one image.

    ``things`` are what the answer has to box (none: nothing must be found); ``text`` is the
    expected text, in lower case and without article and full stop, where words are asked for; of
    LABEL the name of the category. ``names`` of WRITTEN are all names that the labels know, and
    ``things`` all that have one of them; what a text calls by another is not judged.
    ``doubtful`` things may be mentioned or not: mostly hidden or cut off by the edge. ``parts``
    are the objects of an instruction in the order of its text, with their roles (None: absent).
    ``before`` are the words of a caption before the phrase that is asked for. ``wording`` is the
    name of its wording in ``wordings``, where that is studied.
    """

    kind: Kind
    request: GroundingRequest
    things: tuple[NamedBox, ...] = ()
    text: str = ''
    doubtful: tuple[NamedBox, ...] = ()
    parts: tuple[tuple[Role, NamedBox | None], ...] = ()
    before: str = ''
    wording: str = ''
    names: tuple[str, ...] = ()

    def without_alternatives(self) -> Case:
        """Return the case without asking for other places."""
        return replace(self, request=replace(self.request, alternatives=0))
