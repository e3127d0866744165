# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asking the model for phrases, and judging its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
import time

from kosmos_ros.core.geometry import uncrop
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.looks.budget import Budget
from kosmos_ros.core.looks.search import ImageSearch, Part
from kosmos_ros.core.looks.trail import Glimpse, Sought
from kosmos_ros.core.looks.windows import needs_parts
from kosmos_ros.core.model.backend import Located, LocateQuery
from kosmos_ros.core.tasks.plan import Looks, TaskContext
from kosmos_ros.core.types import ScoredBox

PHRASES_PER_PASS = 16
"""Expressions that go through the model together; a device has only so much memory."""

_NAMED = 4
_SURE = 0.999
"""Existence that no look needs more of: 1.0 is asked for where a phrase is to be refused."""
_AROUND = '.,;:!?()[]{}"\'\u2019\u201c\u201d'


@dataclass(frozen=True)
class Sightings:
    """
    What was seen of each expression in one view, boxes in the picture, and in which looks.

    ``notes`` say of each if most of it is not in the model's vocabulary, else nothing.
    """

    answers: Mapping[str, Located]
    looks: Looks
    notes: Mapping[str, str]


def look_for(
    context: TaskContext,
    cutouts: Sequence[Cutout],
    sought: Sequence[Sought],
    max_boxes: int,
    alternatives: int = 0,
) -> list[Sightings]:
    """
    Ask the model for expressions in each view, in as few calls of the backend as memory allows.

    :param sought: the expressions, each once.
    :param max_boxes: of an expression.
    :param alternatives: other places of its first box.
    :returns: for each view the ``calibrated`` answer to each expression, in their order.
    """
    limits = context.limits
    searches = [
        (ImageSearch(*one.size(), sought, Budget(limits.max_looks, limits.until)), one)
        for one in cutouts
    ]
    expressions = [one.phrase for one in sought]
    unknown = {text: _unknown(context, text) for text in expressions}
    least = least_existence(context)
    thresholds = {text: _threshold(least, text, unknown[text]) for text in expressions}
    while parts := [(*pair, part) for pair in searches for part in pair[0].next()]:
        _look(context, parts, thresholds, max_boxes, alternatives)
    notes = {text: _vocabulary_note(text, words) for text, words in unknown.items()}
    return [_sightings(search, cutout, notes, max_boxes) for search, cutout in searches]


def _look(
    context: TaskContext,
    parts: Sequence[tuple[ImageSearch, Cutout, Part]],
    thresholds: Mapping[str, float],
    max_boxes: int,
    alternatives: int,
) -> None:
    """Show the model parts of views, and let the searches know."""
    started = time.monotonic()
    frames = context.encode([_part(cutout, part) for _, cutout, part in parts])
    queries = [
        LocateQuery(frame, phrase)
        for frame, (*_, part) in zip(frames, parts, strict=True)
        for phrase in part.phrases
    ]
    most = PHRASES_PER_PASS * len(parts)
    located: list[Located] = []
    for first in range(0, len(queries), most):
        some = queries[first : first + most]
        located += context.backend.locate(some, max_boxes, context.should_stop, alternatives)
    answers = iter(located)
    # Views are looked at side by side: a look at one waits for those at the others.
    views = len({id(search) for search, *_ in parts})
    seconds = (time.monotonic() - started) * views / len(parts)
    for search, cutout, part in parts:
        glimpses = {
            phrase: _glimpse(context, cutout, part, next(answers), thresholds[phrase])
            for phrase in part.phrases
        }
        search.take(part, glimpses, seconds)


def _glimpse(
    context: TaskContext, cutout: Cutout, part: Part, raw: Located, threshold: float
) -> Glimpse:
    """Calibrate an answer, and map its boxes onto the cutout."""
    answer = _calibrated(context, raw, threshold, part.closer)
    if part.region is not None:
        region, (width, height) = part.region, cutout.size()
        answer = answer.moved(lambda box: uncrop(box, region, width, height))
    return Glimpse(answer, raw, min(threshold, _SURE))


def _sightings(
    search: ImageSearch,
    cutout: Cutout,
    notes: Mapping[str, str],
    max_boxes: int,
) -> Sightings:
    found = {text: search.trails[text].found(max_boxes) for text in notes}
    if cutout.region is not None:
        found = {text: one.moved(cutout.onto_picture) for text, one in found.items()}
    regions = tuple(_part(cutout, part).region for part in search.looked)
    return Sightings(found, Looks(regions, search.wanted), notes)


def _part(cutout: Cutout, part: Part) -> Cutout:
    return cutout if part.region is None else cutout.part(part.region)


def seen_in_parts(context: TaskContext, cutouts: Iterable[Cutout]) -> bool:
    """Tell whether a view may be looked at part by part, so that no look shows all there is."""
    return context.limits.max_looks > 1 and any(needs_parts(*one.size()) for one in cutouts)


def vocabulary_note(context: TaskContext, expression: str) -> str:
    """Say if most of an expression is not in the model's vocabulary."""
    return _vocabulary_note(expression, _unknown(context, expression))


def _vocabulary_note(expression: str, unknown: Sequence[str]) -> str:
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


def _threshold(least: float, expression: str, unknown: Sequence[str]) -> float:
    """
    Return which existence a phrase needs to count as found.

    The more of it is unknown to the model, the higher: half of the way to certainty where it knows
    half of the words, all of it where it knows none.

    :param least: what it needs if all is known.
    """
    return least + (1.0 - least) * (len(unknown) / len(expression.split()) if unknown else 0.0)


def _calibrated(context: TaskContext, located: Located, threshold: float, closer: bool) -> Located:
    """Calibrate an answer, be it that of a closer look; there are no boxes below the threshold."""
    calibration = context.backend.calibration

    def finished(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
        return tuple(replace(box, score=calibration.box_of(box.score, closer)) for box in boxes)

    existence = calibration.existence_of(located.existence, located.signals, closer)
    is_there = existence >= threshold
    if threshold >= 1.0:
        # Certainty is either asked for, or out of reach: of what is unknown to the model.
        is_there = is_there and least_existence(context) >= 1.0
    return Located(
        existence=existence,
        boxes=finished(located.boxes) if is_there else (),
        alternatives=finished(located.alternatives) if is_there else (),
    )
