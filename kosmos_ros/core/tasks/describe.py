# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
DESCRIBE: a caption, and where closer looks are asked for, what it leaves out.

A caption names what is large. With further looks the model also describes tiles of the image, and
the things in these captions that the first one does not box are named behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
import time

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.looks.budget import Budget
from kosmos_ros.core.looks.merge import same_object, SeenBox
from kosmos_ros.core.looks.windows import is_strip, strip_tiles, tiles
from kosmos_ros.core.model.prompts import describe_prompt
from kosmos_ros.core.tasks.answer import answer_in_words, FoundPhrase
from kosmos_ros.core.tasks.plan import Looks, Outcome, TaskContext
from kosmos_ros.core.tasks.words import words_of, write, Writing
from kosmos_ros.core.types import GroundingRequest, Region

DETAILS = ('brief', 'detailed')
"""What a query of DESCRIBE may say."""

_ALSO = ' Also '


@dataclass(frozen=True)
class Describe(Writing):
    """Write a caption; ``closer``: also of tiles, as far as the limits allow."""

    detailed: bool = False
    closer: bool = False

    @classmethod
    def read(cls, query: str, request: GroundingRequest) -> Describe:
        """Read how detailed the caption is to be."""
        if query and query.lower() not in DETAILS:
            raise InvalidRequestError(
                f"DESCRIBE takes no query, 'brief' or 'detailed', got {query!r}; "
                'questions are for ASK, phrases for LOCATE'
            )
        detailed = query.lower() == 'detailed'
        return cls(detailed, closer=detailed and request.max_looks > 1)

    def answer(self, context: TaskContext, cutout: Cutout) -> Outcome:
        """Write a caption; the brief one begins with the prompt's 'An image of'."""
        started = time.monotonic()
        whole = self._caption(context, cutout)
        if not self.closer:
            return whole
        budget = Budget(context.limits.max_looks, context.limits.until)
        budget.spend(1, time.monotonic() - started)
        quietly = replace(context, on_progress=None)
        left = _tiles(cutout)
        outcomes = [whole]
        while left and budget.left():
            started = time.monotonic()
            outcomes.append(self._caption(quietly, cutout.part(left.pop(0))))
            budget.spend(1, time.monotonic() - started)
        return _together(context, cutout, outcomes, len(left))

    def _caption(self, context: TaskContext, cutout: Cutout) -> Outcome:
        reading = words_of(context, cutout, with_prompt=not self.detailed)
        return write(context, describe_prompt(detailed=self.detailed), cutout, reading)


def _tiles(cutout: Cutout) -> list[Region]:
    """Return the parts of a view to describe: all along a strip, or its coarsest tiles."""
    size = cutout.size()
    if is_strip(*size):
        return list(strip_tiles(*size))
    return [tile.region for tile in tiles(*size) if tile.scale == 0]


def _together(
    context: TaskContext, cutout: Cutout, outcomes: Sequence[Outcome], left_out: int
) -> Outcome:
    """Add to the first caption what only the others name."""
    first = outcomes[0]
    named = list(_phrases(first, 0, cutout))
    found = [phrase for phrase, _ in named]
    seen = [one for _, boxes in named for one in boxes]
    text, before = first.answer.text, _ALSO
    for number, outcome in enumerate(outcomes[1:], 1):
        for phrase, boxes in _phrases(outcome, number, cutout):
            new = [one for one in boxes if not one.cut and not _is_known(one, seen)]
            if not new:
                continue
            seen += new
            start = len(text) + len(before)
            text, before = f'{text}{before}{phrase.text}', ', '
            kept = tuple(one.box for one in new)
            found.append(replace(phrase, start=start, end=len(text), boxes=kept))
    looks = Looks(sum((one.looks.regions for one in outcomes), ()), len(outcomes) + left_out)
    answer = answer_in_words(found, text if before == _ALSO else f'{text}.', context.limits)
    message = first.answer.status_message or answer.status_message
    dropped = sum(one.dropped for one in outcomes)
    return Outcome(first.prompt, replace(answer, status_message=message), looks, dropped)


def _phrases(
    outcome: Outcome, number: int, cutout: Cutout
) -> Iterator[tuple[FoundPhrase, list[SeenBox]]]:
    """Yield the phrases of a caption with their boxes, as that look saw them."""
    (region,) = outcome.looks.regions
    part = Cutout(cutout.view, region).box()
    for one in outcome.answer.phrases:
        boxes = [replace(outcome.answer.detections[index], id='') for index in one.detections]
        phrase = FoundPhrase(one.text, one.start, one.end, one.existence, tuple(boxes))
        yield phrase, [SeenBox.of(box, number, part) for box in boxes]


def _is_known(one: SeenBox, seen: Sequence[SeenBox]) -> bool:
    return any(same_object(one, other) for other in seen)
