# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""LOCATE: all phrases in all views at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kosmos_ros.core.answers import answer_in_boxes, FoundPhrase
from kosmos_ros.core.backend import Located
from kosmos_ros.core.belief import look_for
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.instruct_parser import ObjectPhrase
from kosmos_ros.core.jobs import Job, Outcome
from kosmos_ros.core.locate_relations import asked_for, in_their_places, related
from kosmos_ros.core.pictures import Cutout
from kosmos_ros.core.prompts import locate_prompt
from kosmos_ros.core.tasks import split_phrases


def locate(job: Job, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
    """
    Look for the phrases of a query in each view, in one call of the backend.

    :raises InvalidRequestError: if there are too many phrases.
    """
    phrases = split_phrases(job.query)
    if len(phrases) > job.settings.max_phrases:
        raise InvalidRequestError(
            f'LOCATE takes at most {job.settings.max_phrases} phrases, got {len(phrases)}'
        )
    parts = [related(phrase) if job.settings.relations_by_boxes else None for phrase in phrases]
    if len(asked_for(phrases, parts)) > job.settings.max_phrases:
        # All go through the model together, and a device has only so much memory.
        parts = [None] * len(phrases)
    # What singles out one box of several has to see them all.
    most = job.settings.max_boxes if any(parts) else job.limits.max_boxes
    asked = asked_for(phrases, parts)
    return tuple(
        _outcome(job, phrases, parts, seen)
        for seen in look_for(job, cutouts, asked, most, job.alternatives)
    )


def _outcome(
    job: Job,
    phrases: Sequence[str],
    parts: Sequence[ObjectPhrase | None],
    seen: Mapping[str, Located],
) -> Outcome:
    found, start = [], 0
    for phrase, part in zip(phrases, parts, strict=True):
        if part is None:
            found.append(_found(phrase, start, seen[phrase]))
        else:
            where, missing = in_their_places(part, seen)
            found.append(_found(phrase, start, where, missing))
        start += len(phrase) + len('; ')
    prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in seen)
    return Outcome(prompt, answer_in_boxes(found, '; '.join(phrases), job.limits))


def _found(phrase: str, start: int, where: Located, missing: str = '') -> FoundPhrase:
    """Place a located phrase in the text."""
    return FoundPhrase(
        text=phrase,
        start=start,
        end=start + len(phrase),
        existence=where.existence,
        boxes=where.boxes,
        alternatives=where.alternatives,
        missing=missing,
    )
