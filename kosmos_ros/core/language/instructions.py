# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which objects an instruction names, in which roles, and what singles them out.

    parse_instruction('put the red mug left of the blue box into the bowl')

gives the TARGET 'the red mug left of the blue box', the REFERENCE 'the blue box' inside it and
the DESTINATION 'the bowl'.

This is a small grammar of English instructions rather than a language model, because

- a robot has to know that the screwdriver it shall fetch is *not* there: a model that grounds
  words in what it sees cannot name that, and models of this size were not trained on instructions;
- libraries for parsing English bring no model that installs offline, or guess how prepositions
  attach, which in an instruction follows from the verb: 'put the mug on the plate' has a
  destination, 'pick up the mug on the plate' has none;
- object phrases in instructions are delimited by words of closed classes, which can be listed.

Ambiguity is resolved the usual way: 'put A on B' places A, unless a clearer destination follows
('put A on B into C'); a relation belongs to the nearest object before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kosmos_ros.core.language.names import Antecedent, excludes_all, read_phrase, spread
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.language.segments import conjuncts, promote, read_segment
from kosmos_ros.core.language.steps import read_steps, Step
from kosmos_ros.core.language.words.lexicon import EXCLUDING
from kosmos_ros.core.types import Role


def parse_instruction(text: str) -> tuple[ObjectPhrase, ...]:
    """
    Return the objects that an instruction names, in the order of the text.

    Those that only single out another one are both among its ``references`` and in the result.
    What is named twice in the same role is returned once.
    """
    known = Antecedent(text)
    steps = read_steps(text)
    found: list[ObjectPhrase] = []
    for place, step in enumerate(steps):
        phrases = list(_phrases(text, step, known, is_last=place == len(steps) - 1))
        found += [] if step.forbidden else phrases
    unique: dict[tuple[str, Role], ObjectPhrase] = {}
    for phrase in sorted(found, key=lambda one: (one.start, -one.end)):
        unique.setdefault((phrase.asked.casefold(), phrase.role), phrase)
    return tuple(unique.values())


def forbids_only(text: str) -> bool:
    """Tell whether an instruction that names no object says what is not to be done."""
    return any(
        step.forbidden or any(item.link in EXCLUDING for item in step.items)
        for step in read_steps(text)
    )


def _phrases(
    text: str, step: Step, known: Antecedent, is_last: bool = True
) -> Iterator[ObjectPhrase]:
    """Name the roles of a step's objects."""
    groups = spread([(items, 0) for items in conjuncts(step.items)])
    segments = [read_segment(items, step.frame) for items, _ in groups]
    for previous, segment in zip([None, *segments], segments, strict=False):
        if previous is None:
            promote(segment)
        elif previous.destinations and not segment.has_destination:
            # 'put it between ...', 'put it on the plate and the tray'
            segment.destinations, segment.objects = segment.objects, []
            segment.has_destination = True
        segment.others += segment.loose
    is_tool = step.frame.is_tool and not is_last
    for segment in segments:
        for role, nodes in (
            (Role.REFERENCE if is_tool else Role.TARGET, segment.objects),
            (Role.DESTINATION, segment.destinations),
            (Role.REFERENCE, segment.others),
        ):
            for node in nodes:
                phrase = read_phrase(text, node, role, known)
                if not excludes_all(phrase):
                    yield from phrase.everything()
                elif segment is not segments[0]:  # 'a mug, anything but the red one'
                    yield replace(phrase, unclear=True)
