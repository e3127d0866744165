# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asking the model for phrases, and judging its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.model.backend import Located, queries_about
from kosmos_ros.core.tasks.plan import TaskContext
from kosmos_ros.core.types import ScoredBox

PHRASES_PER_PASS = 16
"""Expressions that go through the model together; a device has only so much memory."""

_NAMED = 4
_AROUND = '.,;:!?()[]{}"\'\u2019\u201c\u201d'


def look_for(
    context: TaskContext,
    cutouts: Sequence[Cutout],
    expressions: Sequence[str],
    max_boxes: int,
    alternatives: int = 0,
) -> list[dict[str, Located]]:
    """
    Ask the model for expressions in each view, in as few calls of the backend as memory allows.

    :param expressions: each once.
    :param max_boxes: of an expression.
    :param alternatives: other places of its first box.
    :returns: for each view the ``calibrated`` answer to each expression, in their order.
    """
    frames = context.encode(cutouts)
    seen: list[dict[str, Located]] = [{} for _ in cutouts]
    for first in range(0, len(expressions), PHRASES_PER_PASS):
        some = expressions[first : first + PHRASES_PER_PASS]
        queries = [query for frame in frames for query in queries_about(frame, some)]
        located = iter(
            context.backend.locate(queries, max_boxes, context.should_stop, alternatives)
        )
        for answers, cutout in zip(seen, cutouts, strict=True):
            for text in some:
                answers[text] = calibrated(context, cutout, next(located), text)
    return seen


def vocabulary_note(context: TaskContext, expression: str) -> str:
    """Say if most of an expression is not in the model's vocabulary."""
    unknown = _unknown(context, expression)
    if not unknown:
        return ''
    named = ', '.join(repr(word) for word in unknown[:_NAMED])
    more = ', ...' if len(unknown) > _NAMED else ''
    count = len(expression.split())
    return f"{len(unknown)} of {count} words are not in the model's vocabulary: {named}{more}"


def _unknown(context: TaskContext, expression: str) -> list[str]:
    """
    Return the words unknown to the model, if so many that the language or script must be another.

    A single misspelt word is left to the model, which tolerates typing errors.
    """
    words, knows = expression.split(), context.backend.vocabulary.knows
    unknown = [word for word in words if not knows(word.strip(_AROUND))]
    foreign = len(words) > 1 or any(not word.isascii() for word in unknown)
    return unknown if foreign and len(unknown) > len(words) / 2 else []


def least_existence(context: TaskContext) -> float:
    """Return which existence a phrase of known words needs to count as found."""
    if context.backend.calibration.covers(['existence']):
        return context.settings.existence_threshold
    return context.settings.raw_existence_threshold


def raw_note(context: TaskContext, existence: float) -> str:
    """Say that an existence is too low for a model without a calibration, if so."""
    least = context.settings.raw_existence_threshold
    if existence >= least or context.backend.calibration.covers(['existence']):
        return ''
    return f'existence {existence:.2f}, not calibrated, below {least:.2f}'


def _threshold(context: TaskContext, expression: str) -> float:
    """
    Return which existence a phrase needs to count as found.

    The more of it is unknown to the model, the higher: half of the way to certainty where it knows
    half of the words, all of it where it knows none.
    """
    least = least_existence(context)
    unknown = len(_unknown(context, expression))
    return least + (1.0 - least) * (unknown / len(expression.split()) if unknown else 0.0)


def calibrated(context: TaskContext, cutout: Cutout, located: Located, expression: str) -> Located:
    """Calibrate an answer and map its boxes onto the picture; none below the threshold."""
    calibration = context.backend.calibration

    def finished(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
        return tuple(
            replace(box, box=cutout.onto_picture(box.box), score=calibration.box(box.score))
            for box in boxes
        )

    existence = calibration.existence_of(located.existence, located.signals)
    least = _threshold(context, expression)
    is_there = existence >= least and (least < 1.0 or least_existence(context) >= 1.0)
    return Located(
        existence=existence,
        boxes=finished(located.boxes) if is_there else (),
        alternatives=finished(located.alternatives) if is_there else (),
    )
