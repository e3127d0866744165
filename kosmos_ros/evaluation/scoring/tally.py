# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Figures of many answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.scoring.metrics import score


@dataclass(frozen=True)
class Figure:
    """A measured value: ``total / count``."""

    total: float = 0.0
    count: float = 0.0

    @property
    def value(self) -> float:
        """Return the mean, nan where nothing was measured."""
        return self.total / self.count if self.count else float('nan')

    def plus(self, total: float, count: float) -> Figure:
        """Return the figure with one more answer."""
        return Figure(self.total + total, self.count + count)


@dataclass
class Tally:
    """Figures of all kinds of questions, and the existences to choose a threshold by."""

    figures: dict[Kind, dict[str, Figure]] = field(default_factory=lambda: defaultdict(dict))
    present: list[float] = field(default_factory=list)
    absent: list[float] = field(default_factory=list)
    questions: int = 0
    seconds: float = 0.0

    def add(self, case: Case, answer: Grounding) -> None:
        """Count one answer."""
        self.questions += 1
        self.seconds += answer.inference_time
        figures = self.figures[case.kind]
        for name, (total, count) in score(case, answer).items():
            figures[name] = figures.get(name, Figure()).plus(total, count)
        if case.kind is Kind.UNIQUE:
            self.present.append(answer.phrases[0].existence)
        elif case.kind in (Kind.ABSENT, Kind.UNKNOWN):
            self.absent.append(answer.phrases[0].existence)

    def value(self, kind: Kind, name: str) -> float:
        """Return one figure, nan where it was not measured."""
        return self.figures.get(kind, {}).get(name, Figure()).value


def threshold_sweep(tally: Tally, steps: int = 20) -> list[dict[str, float]]:
    """Return the shares of present and absent objects that pass thresholds on the existence."""
    rows = []
    for step in range(1, steps):
        threshold = step / steps
        accepted = sum(value >= threshold for value in tally.present)
        refused = sum(value < threshold for value in tally.absent)
        rows.append(
            {
                'threshold': threshold,
                'present accepted': Figure(accepted, len(tally.present)).value,
                'absent refused': Figure(refused, len(tally.absent)).value,
            }
        )
    return rows
