# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The worst answers as pictures: boxes as answered, true boxes dashed, and both in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
import re

import numpy as np
from PIL import Image

from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.drawing.truth import (
    draw_truth,
    FAINT_INK,
    INK,
    TRUTH_LEGEND,
    with_caption,
    WRONG,
)
from kosmos_ros.core.errors import InvalidDataError, InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, Status, Task
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.evaluation.scoring.metrics import overlaps
from kosmos_ros.evaluation.scoring.worst import Graded

_MOST_BOXES = 6
"""More boxes of an answer than this are counted, not named."""

OpenImage = Callable[[str], RgbImage]
"""Returns the image of a record, (H, W, 3) uint8 RGB, by ``Record.image``."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A graded answer with its picture, (H, W, 3) uint8 RGB."""

    graded: Graded
    image: RgbImage
    question: str
    right: str
    answer: str

    def captioned(self) -> RgbImage:
        """Return the picture with the words below it."""
        record = self.graded.record
        lines = (
            (f'{self.question}  (grade {self.graded.grade:.2f})', INK),
            (f'answered: {self.answer}', WRONG),
            (f'right: {self.right}', INK),
            (f'{TRUTH_LEGEND}   {record.key}', FAINT_INK),
        )
        return np.array(with_caption(Image.fromarray(self.image), lines))


def draw_worst(worst: Sequence[Graded], open_image: OpenImage) -> Iterator[Drawn]:
    """
    Draw answers, one by one, except those whose images are no longer available.

    :raises KosmosError: if rendering fails.
    """
    for graded in worst:
        record = graded.record
        case, answer = record.case, record.answer
        things = [*case.things, *(thing for _, thing in case.parts if thing)]
        try:
            image = open_image(record.image)
        except (InvalidDataError, InvalidImageError):
            # Its file existed when it was asked about.
            continue
        shown = draw_truth(image, [thing.box for thing in things])
        yield Drawn(
            graded,
            draw_grounding(shown, answer, case.request.region),
            question_words(case, answer),
            right_words(case),
            answer_words(case, answer),
        )


def question_words(case: Case, answer: Grounding) -> str:
    """Return what was asked, with its task."""
    region = case.request.region
    where = '' if region is None else f' in {region.x},{region.y},{region.width},{region.height}'
    asked = f'{case.before} [{case.request.query}]' if case.before else case.request.query
    return f'{answer.task.name}{where} {asked}'.strip()


def right_words(case: Case) -> str:
    """Return what is right."""
    if case.parts:
        return '; '.join(
            f'{role.name.lower()}: {thing.name if thing else "not there"}'
            for role, thing in case.parts
        )
    if case.text:
        return case.text
    return ', '.join(thing.name for thing in case.things) or 'nothing'


def answer_words(case: Case, answer: Grounding) -> str:
    """Return what was answered."""
    if answer.status is Status.NOT_FOUND and not answer.detections:
        existence = max((phrase.existence for phrase in answer.phrases), default=0.0)
        return f'nothing (existence {existence:.2f})' if answer.phrases else 'nothing'
    if TABLE[answer.task].writes and answer.text:
        return answer.text
    roles = [role.name.lower() if role else '' for role in answer.roles]
    words = [
        f'{role}: {found.label} {found.score:.2f}' if role else f'box {found.score:.2f}'
        for role, found in zip(roles, answer.detections, strict=True)
    ]
    more = len(words) - _MOST_BOXES
    words[_MOST_BOXES:] = [f'{more} more'] if more > 0 else []
    found = ', '.join(words)
    if answer.task is not Task.LOCATE or not case.things:
        return found
    return f'{found}; IoU ' + ', '.join(f'{overlap:.2f}' for overlap in overlaps(case, answer))


def picture_name(graded: Graded, number: int) -> str:
    """Return a file name: the rank, the kind of question and the question's key."""
    words = f'{graded.record.case.kind.name}_{graded.record.key}'.lower()
    return f'{number:02d}_{re.sub(r"[^a-z0-9]+", "_", words)[:60].strip("_")}.png'
