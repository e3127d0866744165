# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The answers that are most worth looking at: wrong, and sure of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.scoring.records import Record

WORST = 20


@dataclass(frozen=True)
class Graded:
    """A record and how right it is, 0..1."""

    record: Record
    grade: float

    @property
    def badness(self) -> tuple[float, float]:
        """What the worst come first by: the grade, then how sure the model was."""
        return self.grade, -certainty(self.record.answer)


def certainty(answer: Grounding) -> float:
    """Return how sure an answer is: its best score, or, of nothing found, of the absence."""
    if answer.detections:
        return max(found.score for found in answer.detections)
    if answer.phrases:
        return 1.0 - max(phrase.existence for phrase in answer.phrases)
    return 0.0


class Worst:
    """
    Keeps the worst answers of each kind of question.

    :param most: how many are wanted.
    """

    def __init__(self, most: int = WORST) -> None:
        self._most = most
        self._kept: dict[Kind, list[Graded]] = defaultdict(list)

    def add(self, record: Record, grade: float) -> None:
        """Look at one answer; one that is all right is not kept."""
        if grade >= 1.0:
            return
        kept = self._kept[record.case.kind]
        kept.append(Graded(record, grade))
        kept.sort(key=lambda graded: graded.badness)
        del kept[self._most :]

    def chosen(self) -> list[Graded]:
        """
        Return the worst, by their grades; of equal grades each kind gives one in turn.

        Else one kind that is always answered wrongly would be all that is shown.
        """
        turns: list[tuple[float, int, float, Graded]] = []
        for kept in self._kept.values():
            grades = [graded.grade for graded in kept]
            for graded in kept:
                turn = kept.index(graded) - grades.index(graded.grade)
                turns.append((graded.grade, turn, graded.badness[1], graded))
        turns.sort(key=lambda entry: entry[:3])
        return [graded for *_, graded in turns[: self._most]]
