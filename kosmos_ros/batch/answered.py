# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What was answered about one picture, as it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kosmos_ros.core.types import Grounding, ScoredBox, Status
from kosmos_ros.results.journal import Journal
from kosmos_ros.results.plain import from_plain


@dataclass(frozen=True)
class Answered:
    """
    The answers to all queries about one picture.

    ``width`` and ``height`` are its pixels, ``stamp_ns`` when it was taken, if that is known.
    """

    width: int
    height: int
    answers: tuple[Grounding, ...]
    stamp_ns: int | None = None


def answered_in(journal: Journal) -> Iterator[tuple[str, Answered]]:
    """Read the pictures of a journal with their names, one by one."""
    for name, data in journal.results():
        yield name, from_plain(Answered, data)


def found_in(answer: Grounding) -> Iterator[tuple[str, float, list[ScoredBox]]]:
    """Return the phrases of an answer with their existences and boxes."""
    for phrase in answer.phrases:
        boxes = [answer.detections[index] for index in phrase.detections]
        yield phrase.text, phrase.existence, boxes


def merged(answers: Sequence[Grounding]) -> Grounding:
    """Return several answers about one picture as one, to be drawn."""
    first = answers[0]
    text = ''
    phrases = []
    detections: list[ScoredBox] = []
    for answer in answers:
        text += '; ' if text else ''
        phrases += [
            replace(
                phrase,
                start=phrase.start + len(text),
                end=phrase.end + len(text),
                detections=tuple(index + len(detections) for index in phrase.detections),
            )
            for phrase in answer.phrases
        ]
        detections += answer.detections
        text += answer.text
    any_found = any(answer.status is Status.FOUND for answer in answers)
    messages = (answer.status_message for answer in answers if answer.status_message)
    return replace(
        first,
        status=Status.FOUND if any_found else first.status,
        status_message='; '.join(messages),
        text=text,
        phrases=tuple(phrases),
        detections=tuple(detections),
    )
