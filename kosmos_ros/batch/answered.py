# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers about one picture, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kosmos_ros.core.plain import from_plain
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, ScoredBox, Status, Task
from kosmos_ros.results.journal import Journal


@dataclass(frozen=True)
class Answered:
    """
    The answers to all queries about one picture.

    ``width`` and ``height`` are in pixels, ``stamp_ns`` is when it was taken, if known.
    """

    width: int
    height: int
    answers: tuple[Grounding, ...]
    stamp_ns: int | None = None


def answered_in(journal: Journal) -> Iterator[tuple[str, Answered]]:
    """Read the pictures of a journal with their names, one by one."""
    for name, data in journal.results():
        yield name, from_plain(Answered, data)


def found_in(answer: Grounding) -> Iterator[tuple[str, list[ScoredBox]]]:
    """Yield the phrases of an answer with their boxes."""
    for phrase in answer.phrases:
        yield phrase.text, [answer.detections[index] for index in phrase.detections]


def merged(answers: Sequence[Grounding]) -> Grounding:
    """Merge several answers about one picture, to be drawn; the message joins their texts."""
    if len(answers) == 1:
        return answers[0]
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
    return replace(
        answers[0],
        task=Task.LOCATE,
        status=Status.FOUND,
        status_message='; '.join(filter(None, map(_words_of, answers))),
        text=text,
        phrases=tuple(phrases),
        detections=tuple(detections),
    )


def _words_of(answer: Grounding) -> str:
    said = (answer.query, answer.text) if TABLE[answer.task].writes else ()
    return ' '.join(filter(None, (*said, answer.status_message)))
