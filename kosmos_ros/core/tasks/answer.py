# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From boxes of phrases to an answer: which boxes count, in which order, and with which status.

Boxes of a phrase come best first. Of boxes that overlap almost fully the better one stays; the
limit on their number and the lowest score are applied after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import Phrase, Role, ScoredBox, Status

DUPLICATE_IOU = 0.8
"""Boxes of one phrase that overlap more than this are the same object seen twice."""


@dataclass(frozen=True)
class Limits:
    """
    Which boxes are returned: score (0..1) at least, and boxes per phrase at most.

    ``max_looks`` are the most looks at an image, of which none is begun that would not end by
    ``until``, in seconds of ``time.monotonic``.
    """

    min_score: float
    max_boxes: int
    max_looks: int = 1
    until: float = math.inf


@dataclass(frozen=True)
class FoundPhrase:
    """
    A phrase at ``text[start:end]`` and all of its boxes, normalised to the original image.

    ``alternatives`` are other places of its first box, best first; ``role`` is its part in an
    instruction; ``missing`` says why there are no boxes where the existence does not, ``note`` is
    a remark on the boxes.
    """

    text: str
    start: int
    end: int
    existence: float
    boxes: tuple[ScoredBox, ...]
    alternatives: tuple[ScoredBox, ...] = ()
    role: Role = Role.NONE
    missing: str = ''
    note: str = ''


@dataclass(frozen=True)
class Findings:
    """The part of a ``Grounding`` that does not repeat the request."""

    text: str
    phrases: tuple[Phrase, ...]
    detections: tuple[ScoredBox, ...]
    status: Status
    status_message: str = ''


def answer_in_boxes(phrases: Sequence[FoundPhrase], text: str, limits: Limits) -> Findings:
    """
    Answer a request for boxes: without any, it failed.

    :returns: FOUND if a box remains; LOW_SCORE if boxes were there and all scored too low; else
        NOT_FOUND. The message names the phrases that are left without a box, and why, and the
        notes on the others.
    """
    kept, detections = select_boxes(phrases, limits)
    said = (
        phrase.note if chosen.detections else _why_missing(phrase)
        for phrase, chosen in zip(phrases, kept, strict=True)
    )
    missing = '; '.join(dict.fromkeys(note for note in said if note))
    if detections:
        return Findings(text, kept, detections, Status.FOUND, missing)
    low = _low_score_message(phrases, limits)
    status = Status.LOW_SCORE if low else Status.NOT_FOUND
    return Findings(text, kept, detections, status, low or missing)


def answer_in_words(phrases: Sequence[FoundPhrase], text: str, limits: Limits) -> Findings:
    """Answer a request for words, LOW_SCORE if all of its boxes scored too low, else FOUND."""
    kept, detections = select_boxes(phrases, limits)
    low = '' if detections else _low_score_message(phrases, limits)
    return Findings(text, kept, detections, Status.LOW_SCORE if low else Status.FOUND, low)


def no_answer(text: str) -> Findings:
    """Answer a request for words to which the model wrote nothing."""
    return Findings(text, (), (), Status.NOT_FOUND, 'the model gave no answer')


def distinct_boxes(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
    """Return the boxes, best first, without those that repeat a better one."""
    kept: list[ScoredBox] = []
    for box in sorted(boxes, key=lambda candidate: -candidate.score):
        if all(iou(box.box, other.box) <= DUPLICATE_IOU for other in kept):
            kept.append(box)
    return tuple(kept)


def select_boxes(
    phrases: Sequence[FoundPhrase], limits: Limits
) -> tuple[tuple[Phrase, ...], tuple[ScoredBox, ...]]:
    """Number the boxes that count; an id tells the phrase and the rank of the box in it."""
    kept: list[Phrase] = []
    detections: list[ScoredBox] = []
    for number, phrase in enumerate(phrases):
        boxes = distinct_boxes(phrase.boxes)[: limits.max_boxes]
        chosen = [
            ScoredBox(box.box, box.score, phrase.text, f'{number}-{rank}')
            for rank, box in enumerate(boxes)
            if box.score >= limits.min_score
        ]
        others = tuple(
            ScoredBox(box.box, box.score, phrase.text, f'{number}-0-{rank}')
            for rank, box in enumerate(phrase.alternatives)
        )
        indices = tuple(range(len(detections), len(detections) + len(chosen)))
        detections += chosen
        start, end, role = phrase.start, phrase.end, phrase.role
        kept.append(Phrase(phrase.text, start, end, role, phrase.existence, indices, others))
    return tuple(kept), tuple(detections)


def _why_missing(phrase: FoundPhrase) -> str:
    if phrase.boxes:
        best = max(box.score for box in phrase.boxes)
        return f'{phrase.text!r} scores too low (best {best:.2f})'
    why = phrase.missing or f'existence {phrase.existence:.2f}'
    return f'{phrase.text!r} not found ({why})'


def _low_score_message(phrases: Sequence[FoundPhrase], limits: Limits) -> str:
    """Return the message of LOW_SCORE, empty where there were no boxes."""
    scores = [box.score for phrase in phrases for box in phrase.boxes]
    if not scores:
        return ''
    return (
        f'best score {max(scores):.2f} of {len(scores)} boxes is below min_score '
        f'{limits.min_score:.2f}'
    )
