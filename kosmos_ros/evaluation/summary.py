# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""All that a report shows, collected from records one by one."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
import re
from typing import Any

import numpy as np

from kosmos_ros.core.types import Grounding, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.items import OpenedSample
from kosmos_ros.evaluation.scoring.evidence import Evidence, LOCATED, Score, SCORED
from kosmos_ros.evaluation.scoring.metrics import grade, overlaps, score
from kosmos_ros.evaluation.scoring.records import Record
from kosmos_ros.evaluation.scoring.reliability import Judged, Reliability, reliability
from kosmos_ros.evaluation.scoring.tally import Figure, Tally
from kosmos_ros.evaluation.scoring.worst import Worst
from kosmos_ros.evaluation.studies.corners import CornerStudy
from kosmos_ros.evaluation.studies.positions import PositionStudy
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.evaluation.studies.wordings import WordingStudy

GROUP = 'group'
"""The trait that figures of each kind are split by."""

CORNERS, POSITIONS = 'corners', 'positions'
"""Names of what ``CornerStudy.rows`` and ``PositionStudy.rows`` gave, among a record's studies."""

_FIRST_TRAITS = (GROUP, 'shape', 'color', 'colour', 'size', 'objects', 'relation')
_MOST_VALUES = 40
"""A trait with more values than this names objects rather than sorts them."""


class Summary:
    """
    Summary of records.

    ``tally`` are the figures of all and ``groups`` those of each group; ``splits[trait][value]``
    the mean grade of each task; ``overlaps`` the IoU of each located object; ``seconds`` the times
    of each task's answers, ``seconds_by_looks`` those of LOCATE by how many looks they took.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.tally = Tally()
        self.groups: dict[str, Tally] = defaultdict(Tally)
        self.evidence = Evidence()
        self.corners = CornerStudy()
        self.positions = PositionStudy()
        self.wordings = WordingStudy()
        self.worst = Worst()
        self.overlaps = array('d')
        self.boxless = 0
        """How many located objects have no box at all; they are in ``overlaps`` as zeros."""
        self.seconds: dict[Task, array[float]] = defaultdict(lambda: array('d'))
        self.seconds_by_looks: dict[int, array[float]] = defaultdict(lambda: array('d'))
        self.present: list[float] = []
        """Existences of phrases for what is there."""
        self.absent: dict[Kind, list[float]] = defaultdict(list)
        """Existences of phrases for what is not there."""
        self._splits: dict[str, dict[str, dict[Task, Figure]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._images: set[str] = set()
        for record in records:
            self.add(record)

    @property
    def images(self) -> int:
        """Number of images asked about."""
        return len(self._images)

    def add(self, record: Record) -> None:
        """Collect one record."""
        case, answer = record.case, record.answer
        self._images.add(record.image)
        self.tally.add(case, answer)
        if GROUP in record.traits:
            self.groups[record.traits[GROUP]].add(case, answer)
        if case.kind in SCORED:
            self.evidence.add(case, answer)
        self.corners.take(case.kind, record.studies.get(CORNERS, ()))
        self.positions.take(record.studies.get(POSITIONS, ()))
        self.seconds[answer.task].append(answer.inference_time)
        if answer.task is Task.LOCATE and answer.looks:
            self.seconds_by_looks[len(answer.looks)].append(answer.inference_time)
        graded = grade(score(case, answer))
        self.worst.add(record, graded)
        self.wordings.add(case, answer)
        if case.wording:
            return  # it would blur the splits and overlaps of plain questions
        for trait, value in record.traits.items():
            figures = self._splits[trait][value]
            figures[answer.task] = figures.get(answer.task, Figure()).plus(graded, 1)
        if case.kind in LOCATED:
            self._add_located(case, answer)

    def splits(self) -> dict[str, dict[str, dict[Task, Figure]]]:
        """Return the mean grades by trait, value and task, of traits that sort questions."""
        useful = [
            trait for trait, values in self._splits.items() if 1 < len(values) <= _MOST_VALUES
        ]
        useful.sort(key=_rank_of_trait)
        found = {trait: dict(sorted(self._splits[trait].items(), key=_rank)) for trait in useful}
        if GROUP in found:
            found[GROUP] = dict(self._splits[GROUP])  # in the order of the data set
        return found

    def reliabilities(self) -> dict[Score, Reliability]:
        """Return the figures of each sort of score that was seen."""
        seen = {kind: self.evidence.judged(kind) for kind in Score}
        return {kind: reliability(judged) for kind, judged in seen.items() if len(judged)}

    def absent_against_present(self) -> dict[str, Judged]:
        """
        Return the existences of present objects together with those of absent ones.

        :returns: by the kind of absent objects, and of all kinds if there are several.
        """
        if not self.present:
            return {}
        sets = {kind.value: absent for kind, absent in self.absent.items()}
        if len(sets) > 1:
            sets['all of them'] = [value for absent in self.absent.values() for value in absent]
        return {name: _judged(self.present, absent) for name, absent in sets.items()}

    def _add_located(self, case: Case, answer: Grounding) -> None:
        existence = answer.phrases[0].existence if answer.phrases else 0.0
        if not case.things:
            self.absent[case.kind].append(existence)
            return
        self.present.append(existence)
        self.overlaps.extend(overlaps(case, answer))
        self.boxless += max(0, len(case.things) - len(answer.detections))


class Studies:
    """Studies what a recorder answered: corners of boxes, and positions where there is depth."""

    def __init__(self, recorder: Recorder) -> None:
        self._corners = CornerStudy(recorder)
        self._positions = PositionStudy()
        self._seen: OpenedSample | None = None

    def __call__(self, opened: OpenedSample, case: Case, answer: Grounding) -> Mapping[str, Any]:
        """Return the rows of both studies about the answer just given, if there are any."""
        rows: dict[str, Any] = {}
        if len(answer.looks) == 1:  # what was recorded is the last look alone
            rows[CORNERS] = self._corners.rows(case)
        if opened.frame is not None:
            if opened is not self._seen:
                self._positions.look(opened.frame, opened.seed)
                self._seen = opened
            rows[POSITIONS] = self._positions.rows(case, answer)
        return {name: found for name, found in rows.items() if found}


def _judged(present: list[float], absent: list[float]) -> Judged:
    return Judged(
        np.array([*present, *absent], dtype=np.float64),
        np.repeat([1.0, 0.0], [len(present), len(absent)]),
    )


def _rank_of_trait(trait: str) -> tuple[int, str]:
    known = trait in _FIRST_TRAITS
    return (_FIRST_TRAITS.index(trait) if known else len(_FIRST_TRAITS)), trait


def _rank(item: tuple[str, object]) -> tuple[float, str]:
    """Sort numbers, and ranges of them, by their values, before words."""
    name, _ = item
    sizes = {'small': 0.0, 'medium': 1.0, 'large': 2.0}
    number = re.match(r'\d+', name)
    return float(number[0]) if number else sizes.get(name, float('inf')), name
