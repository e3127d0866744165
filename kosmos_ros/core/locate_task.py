# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""LOCATE: all phrases in all views at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kosmos_ros.core.answers import answer_in_boxes, FoundPhrase
from kosmos_ros.core.backend import Located, queries_about
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.jobs import Job, Outcome
from kosmos_ros.core.pictures import Cutout
from kosmos_ros.core.prompts import locate_prompt
from kosmos_ros.core.tasks import split_phrases
from kosmos_ros.core.types import ScoredBox


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
    frames = job.encode(cutouts)
    queries = [query for frame in frames for query in queries_about(frame, phrases)]
    located = job.backend.locate(queries, job.limits.max_boxes, job.should_stop, job.alternatives)
    count = len(phrases)
    return tuple(
        _outcome(job, cutout, phrases, located[place * count : (place + 1) * count])
        for place, cutout in enumerate(cutouts)
    )


def _outcome(
    job: Job, cutout: Cutout, phrases: Sequence[str], located: Sequence[Located]
) -> Outcome:
    found, start = [], 0
    for phrase, where in zip(phrases, located, strict=True):
        found.append(_found(job, cutout, phrase, start, where))
        start += len(phrase) + len('; ')
    prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in phrases)
    return Outcome(prompt, answer_in_boxes(found, '; '.join(phrases), job.limits))


def _found(job: Job, cutout: Cutout, phrase: str, start: int, located: Located) -> FoundPhrase:
    """Place a located phrase in the text."""
    seen = believed(job, cutout, located)
    return FoundPhrase(
        text=phrase,
        start=start,
        end=start + len(phrase),
        existence=seen.existence,
        boxes=seen.boxes,
        alternatives=seen.alternatives,
    )


def believed(job: Job, cutout: Cutout, located: Located) -> Located:
    """
    Return what to make of a model's answer, calibrated, with boxes normalised to the picture.

    Below the threshold of existence there are none.
    """
    calibration = job.backend.calibration

    def finished(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
        return tuple(
            replace(box, box=cutout.onto_picture(box.box), score=calibration.box(box.score))
            for box in boxes
        )

    existence = calibration.existence(located.existence)
    is_there = existence >= job.settings.existence_threshold
    return Located(
        existence=existence,
        boxes=finished(located.boxes) if is_there else (),
        alternatives=finished(located.alternatives) if is_there else (),
    )
