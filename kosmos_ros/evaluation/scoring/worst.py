# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The worst answers: wrong, with a high score."""

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
        """Sort key, worst first: the grade, then the model's certainty."""
        return self.grade, -certainty(self.record.answer)


def certainty(answer: Grounding) -> float:
    """Return an answer's certainty: its best score or, if nothing was found, that of absence."""
    if answer.detections:
        return max(found.score for found in answer.detections)
    if answer.phrases:
        return 1.0 - max(phrase.existence for phrase in answer.phrases)
    return 0.0


class Worst:
    """Keeps the worst answers of each kind of question, of which ``most`` are chosen."""

    def __init__(self, most: int = WORST) -> None:
        self._most = most
        self._kept: dict[Kind, list[Graded]] = defaultdict(list)

    def add(self, record: Record, grade: float) -> None:
        """Take one answer, and keep it unless it is all right."""
        if grade >= 1.0:
            return
        kept = self._kept[record.case.kind]
        kept.append(Graded(record, grade))
        kept.sort(key=lambda graded: graded.badness)
        del kept[self._most :]

    def chosen(self) -> list[Graded]:
        """
        Return the worst by grade; among equal grades, the kinds take turns.

        Else a kind that is always answered wrongly would fill the list.
        """
        turns: list[tuple[float, int, float, Graded]] = []
        for kept in self._kept.values():
            grades = [graded.grade for graded in kept]
            for place, graded in enumerate(kept):
                turn = place - grades.index(graded.grade)
                turns.append((graded.grade, turn, graded.badness[1], graded))
        turns.sort(key=lambda entry: entry[:3])
        return [graded for *_, graded in turns[: self._most]]
