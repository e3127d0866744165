# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The scores of answers, each with whether what it scores is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from kosmos_ros.core.model.signals import Signals
from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case, FROM_FOLDERS, Kind
from kosmos_ros.evaluation.scoring.metrics import (
    grade,
    judge_labelled,
    judge_written,
    matching,
    score,
)
from kosmos_ros.evaluation.scoring.reliability import Judged


class Score(Enum):
    """
    What a score is the probability of; the value is the field of ``Calibration`` that makes it.

    EXISTENCE: the phrase asked for is in the image. BOX: a located box is right. WRITTEN: a box in
    a text is right, as far as its phrase has a name that the labels know. WORDS: the expression
    for a region is exactly right or, where only the name of a category is known, names that. A box
    is right if it overlaps an object that its phrase names with an IoU of 0.5 or more, each object
    used once. CLOSER_EXISTENCE and CLOSER_BOX are the first two of looks that enlarge an object.
    """

    EXISTENCE = 'existence'
    BOX = 'box'
    WRITTEN = 'written'
    WORDS = 'words'
    CLOSER_EXISTENCE = 'closer_existence'
    CLOSER_BOX = 'closer_box'


LOCATED = FROM_FOLDERS | {
    *(Kind.UNIQUE, Kind.SEVERAL, Kind.SUPERLATIVE, Kind.RELATION, Kind.ABSENT, Kind.UNKNOWN)
}
"""Kinds of questions that give existences and boxes."""

SCORED = LOCATED | {Kind.IDENTIFY, Kind.LABEL, Kind.CAPTION, Kind.ASK_WHERE, Kind.WRITTEN}
"""Kinds of questions with a score in their answers."""


@dataclass(frozen=True)
class Given:
    """
    A score, whether what it scores is right, and for boxes their phrase's existence.

    ``signals`` are those of the phrase, None where none were measured.
    """

    score: float
    right: bool
    existence: float = 1.0
    signals: Signals | None = None


@dataclass
class Evidence:
    """Collects the scores of answers."""

    given: dict[Score, list[Given]] = field(default_factory=lambda: {kind: [] for kind in Score})

    def add(
        self,
        case: Case,
        answer: Grounding,
        signals: Signals | None = None,
        closer: bool = False,
    ) -> None:
        """
        Take the scores of one answer.

        :param signals: of the phrase asked for, where they were measured.
        :param closer: it is about a closer look.
        """
        if case.kind in LOCATED:
            existence = answer.phrases[0].existence
            there = Given(existence, bool(case.things), signals=signals)
            self.given[Score.CLOSER_EXISTENCE if closer else Score.EXISTENCE].append(there)
            box = Score.CLOSER_BOX if closer else Score.BOX
            self.given[box] += _located(case, answer, signals)
        elif case.kind in (Kind.IDENTIFY, Kind.LABEL) and answer.phrases:
            right = grade(score(case, answer)) == 1.0
            self.given[Score.WORDS].append(Given(answer.phrases[0].existence, right))
        elif case.kind in (Kind.CAPTION, Kind.ASK_WHERE):
            written = judge_written(answer, (*case.things, *case.doubtful))
            self.given[Score.WRITTEN] += (Given(found.score, right) for found, right in written)
        elif case.kind is Kind.WRITTEN:
            known = judge_labelled(case, answer)
            self.given[Score.WRITTEN] += (Given(found.score, right) for found, right in known)

    def phrases(self) -> Counter[bool]:
        """Return how many phrases named what is there (True), and what is not."""
        return Counter(item.right for item in self.given[Score.EXISTENCE])

    def judged(self, score: Score, keep: Callable[[Given], bool] = lambda _: True) -> Judged:
        """Return the scores of one sort, those to ``keep`` alone."""
        given = [item for item in self.given[score] if keep(item)]
        return Judged(
            np.array([item.score for item in given], dtype=np.float64),
            np.array([item.right for item in given], dtype=np.float64),
        )


def _located(case: Case, answer: Grounding, signals: Signals | None) -> Iterator[Given]:
    things = [thing.box for thing in case.things]
    hits = matching(things, [detection.box for detection in answer.detections])
    for index, detection in enumerate(answer.detections):
        yield Given(detection.score, index in hits, answer.phrases[0].existence, signals)
