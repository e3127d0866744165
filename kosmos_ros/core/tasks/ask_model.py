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
    :raises GroundingStoppedError: if ``context.should_stop()`` says so.
    :raises ModelError: if the model fails.
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


def strange_words(context: TaskContext, expression: str) -> str:
    """Say if most of an expression is not in the model's vocabulary."""
    words = expression.split()
    unknown = _unknown(context, words)
    if not _is_strange(words, unknown):
        return ''
    named = ', '.join(repr(word) for word in unknown[:_NAMED])
    more = ', ...' if len(unknown) > _NAMED else ''
    return f"{len(unknown)} of {len(words)} words are not in the model's vocabulary: {named}{more}"


def _unknown(context: TaskContext, words: Sequence[str]) -> list[str]:
    knows = context.backend.vocabulary.knows
    return [word for word in words if not knows(word.strip(_AROUND))]


def _is_strange(words: Sequence[str], unknown: Sequence[str]) -> bool:
    """
    Tell whether a phrase is in words of another language, or in another script.

    A single misspelt word is left to the model, which tolerates typing errors.
    """
    foreign = any(not word.isascii() for word in unknown)
    return len(unknown) > len(words) / 2 and (len(words) > 1 or foreign)


def _threshold(context: TaskContext, expression: str) -> float:
    """
    Return which existence a phrase needs to count as found.

    The more of it is unknown to the model, the higher: half of the way to certainty where it knows
    half of the words, all of it where it knows none.
    """
    words = expression.split()
    unknown = _unknown(context, words)
    least = context.settings.existence_threshold
    share = len(unknown) / len(words) if _is_strange(words, unknown) else 0.0
    return least + (1.0 - least) * share


def calibrated(context: TaskContext, cutout: Cutout, located: Located, expression: str) -> Located:
    """
    Return a model's answer calibrated, with boxes normalised to the picture.

    Below the threshold of existence there are none.
    """
    calibration = context.backend.calibration

    def finished(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
        return tuple(
            replace(box, box=cutout.onto_picture(box.box), score=calibration.box(box.score))
            for box in boxes
        )

    existence = calibration.existence(located.existence)
    least = _threshold(context, expression)
    is_there = existence >= least and (least < 1.0 or context.settings.existence_threshold >= 1.0)
    return Located(
        existence=existence,
        boxes=finished(located.boxes) if is_there else (),
        alternatives=finished(located.alternatives) if is_there else (),
    )
