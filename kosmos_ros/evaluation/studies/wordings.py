# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The effect of wordings on answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.wordings import PLAIN, Wording, WORDINGS
from kosmos_ros.evaluation.scoring.metrics import HIT_IOU, overlaps, score_all_right
from kosmos_ros.evaluation.scoring.tally import Figure

_NOTHING = Figure()


@dataclass(frozen=True)
class WordingFigures:
    """
    Figures of one wording.

    For present objects: ``right`` is the share of phrases with exactly the right objects boxed,
    ``overlapping`` the share of objects with a box of IoU 0.5 or more, ``existence`` the mean
    existence. For absent ones: ``refused`` and ``absent_existence``.
    """

    right: Figure = _NOTHING
    overlapping: Figure = _NOTHING
    existence: Figure = _NOTHING
    refused: Figure = _NOTHING
    absent_existence: Figure = _NOTHING

    def plus(self, case: Case, answer: Grounding) -> WordingFigures:
        """Return the figures with one more answer."""
        existence = answer.phrases[0].existence
        if not case.things:
            return replace(
                self,
                refused=self.refused.plus(float(not answer.detections), 1),
                absent_existence=self.absent_existence.plus(existence, 1),
            )
        right, _ = score_all_right(case, answer)['all right']
        found = overlaps(case, answer)
        hits = sum(overlap >= HIT_IOU for overlap in found)
        return replace(
            self,
            right=self.right.plus(right, 1),
            overlapping=self.overlapping.plus(hits, len(found)),
            existence=self.existence.plus(existence, 1),
        )


class WordingStudy:
    """
    Collects answers; ``figures[name]`` are those of a wording.

    Other questions about a single object, or an absent one, count as plain.
    """

    def __init__(self) -> None:
        self.figures: dict[str, WordingFigures] = {}

    @property
    def studied(self) -> bool:
        """Tell whether any question had another wording than the plain one."""
        return bool(self.figures.keys() - {PLAIN.name})

    def add(self, case: Case, answer: Grounding) -> None:
        """Count an answer, if it belongs to the study."""
        name = case.wording or (PLAIN.name if case.kind in (Kind.UNIQUE, Kind.ABSENT) else '')
        if name:
            self.figures[name] = self.figures.get(name, WordingFigures()).plus(case, answer)

    def rows(self) -> Iterator[tuple[Wording, WordingFigures]]:
        """Yield the wordings that occurred, in their order."""
        if self.studied:
            yield from (
                (wording, self.figures[wording.name])
                for wording in WORDINGS
                if wording.name in self.figures
            )


HEAD = (
    *('put as', 'for example', 'trained'),
    *('right', 'IoU 0.5', 'exist', 'of', 'refused', 'exist', 'of'),
)
"""Columns of the table: first what is there, then what is not."""


def wording_cells(wording: Wording, figures: WordingFigures) -> tuple[str, ...]:
    """Return a row below ``HEAD``."""
    return (
        wording.name,
        wording.example,
        'yes' if wording.trained else 'no',
        *(_shown(one) for one in (figures.right, figures.overlapping, figures.existence)),
        f'{figures.right.count:.0f}',
        *(_shown(one) for one in (figures.refused, figures.absent_existence)),
        f'{figures.refused.count:.0f}',
    )


def wording_lines(study: WordingStudy) -> Iterator[str]:
    """Yield the table as lines for a terminal."""
    yield _line(HEAD)
    for wording, figures in study.rows():
        yield _line(wording_cells(wording, figures))


def wording_data(study: WordingStudy) -> dict[str, Any]:
    """Return the figures by wording in types of JSON."""
    return {
        wording.name: {'example': wording.example, 'trained': wording.trained} | _figures(figures)
        for wording, figures in study.rows()
    }


def _figures(figures: WordingFigures) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if figures.right.count:
        found['present'] = {
            'of': int(figures.right.count),
            'all right': round(figures.right.value, 4),
            'IoU 0.5': round(figures.overlapping.value, 4),
            'things': int(figures.overlapping.count),
            'mean existence': round(figures.existence.value, 4),
        }
    if figures.refused.count:
        found['absent'] = {
            'of': int(figures.refused.count),
            'refused': round(figures.refused.value, 4),
            'mean existence': round(figures.absent_existence.value, 4),
        }
    return found


def _shown(figure: Figure) -> str:
    return f'{figure.value:.3f}' if figure.count else '-'


def _line(cells: tuple[str, ...]) -> str:
    name, example, trained, *values = cells
    return f'{name:28}{example:28}{trained:>8}' + ''.join(f'{value:>9}' for value in values)
