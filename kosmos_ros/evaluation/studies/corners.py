# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The gain of placing corners between the cells.

The same answers are read in several ways and compared with the truth: as the boxes of their
location tokens, and as boxes refined from the neighbouring cells' probabilities. Compared with the
limit of any choice of tokens: the best pair of cells for each true box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.backend import Generation
from kosmos_ros.core.model.cells import box_from_cells, cells_from_box
from kosmos_ros.core.model.grammar import Cell, GRID_SIZE
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.scoring.metrics import named
from kosmos_ros.evaluation.scoring.tally import Figure
from kosmos_ros.evaluation.studies.recorder import Recorder

WAYS = ('tokens', 'true cells', 'best cells', 'sub-cell')
"""
The boxes compared: of the chosen location tokens; of the cells that the true box touches, as the
model was trained to write; of the pair of cells that fits the true box best; refined ones.
"""

_SIZES = ((4.0, 'small, below 4 cells'), (6.0, 'medium, 4 to 6 cells'))
_LARGE = 'large, 6 cells and more'
ALL = 'all'
SIZES = (ALL, *(name for _, name in _SIZES), _LARGE)
"""Sizes of true boxes: the root of the area, in cells of 1/32 of the image."""

Row = tuple[str, float, float, float, float]
"""Name of a true box's size, and the IoU with it of each way's box, in the order of ``WAYS``."""

_KINDS = frozenset((Kind.UNIQUE, Kind.CAPTION, Kind.ASK_WHERE))


class CornerStudy:
    """
    Collects overlaps; ``figures[kind][size][way]`` is a mean IoU.

    Boxes count whatever the existence of their phrase, so that only places matter.

    :param recorder: the answering grounder's backend; None to take rows only.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = recorder
        self.figures: dict[Kind, dict[str, dict[str, Figure]]] = defaultdict(dict)

    def rows(self, case: Case) -> list[Row]:
        """Return the rows of the answer just given, in types of JSON."""
        if self._recorder is None or case.kind not in _KINDS:
            return []
        find = self._located if case.kind is Kind.UNIQUE else self._written
        return [
            (
                size_of(truth),
                iou(truth, coarse),
                iou(truth, box_from_cells(*cells_from_box(truth))),
                iou(truth, best_cells(truth)),
                iou(truth, fine),
            )
            for truth, coarse, fine in find(self._recorder, case)
        ]

    def take(self, kind: Kind, rows: Iterable[Row]) -> None:
        """Count the rows of a question of some kind."""
        for size, *overlaps in rows:
            for name in (ALL, size):
                figures = self.figures[kind].setdefault(name, {})
                for way, overlap in zip(WAYS, overlaps, strict=True):
                    figures[way] = figures.get(way, Figure()).plus(overlap, 1)

    @staticmethod
    def _located(recorder: Recorder, case: Case) -> Iterator[tuple[Box, Box, Box]]:
        """Return true, coarse and refined box of a phrase that was located."""
        (found,) = recorder.located
        if found.cells:
            yield case.things[0].box, box_from_cells(*found.cells[0]), found.boxes[0].box

    @staticmethod
    def _written(recorder: Recorder, case: Case) -> Iterator[tuple[Box, Box, Box]]:
        """Return the same of the phrases of a text that name one object of the scene."""
        if recorder.written is None:
            return
        prompt, generation = recorder.written
        vocabulary = recorder.vocabulary
        coarse = parse(prompt, without_corners(generation), vocabulary).without_prompt()
        fine = parse(prompt, generation, vocabulary).without_prompt()
        for rough, phrase in zip(coarse.phrases, fine.phrases, strict=True):
            things = [thing for thing in case.things if thing.name == named(phrase.text)]
            if len(things) == 1 and phrase.boxes:
                yield things[0].box, rough.boxes[0].box, phrase.boxes[0].box


def without_corners(generation: Generation) -> Generation:
    """Return what was written with boxes of cells only."""
    tokens = tuple(replace(token, corner=None) for token in generation.tokens)
    return Generation(tokens, generation.finished)


def best_cells(truth: Box) -> Box:
    """Return the box of two location tokens that overlaps a box best."""
    candidates = (box_from_cells(*pair) for pair in _pairs_near(truth))
    return max(candidates, key=lambda box: iou(box, truth))


def size_of(truth: Box) -> str:
    """Return the name of a box's size."""
    side = GRID_SIZE * truth.area**0.5
    return next((name for limit, name in _SIZES if side < limit), _LARGE)


def _pairs_near(box: Box) -> Iterator[tuple[Cell, Cell]]:
    """Return valid pairs of cells at most one row and column from the touched ones."""
    upper_left, lower_right = cells_from_box(box)
    top, left = divmod(upper_left.index, GRID_SIZE)
    bottom, right = divmod(lower_right.index, GRID_SIZE)
    rows, columns = _spans(top, bottom), _spans(left, right)
    for (first_row, last_row), (first, last) in product(rows, columns):
        yield Cell(first_row * GRID_SIZE + first), Cell(last_row * GRID_SIZE + last)


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    near = (-1, 0, 1)
    return [
        (first + before, last + after)
        for before, after in product(near, near)
        if 0 <= first + before <= last + after < GRID_SIZE
    ]


def corner_data(corners: CornerStudy) -> dict[str, Any]:
    """Return the figures in types of JSON, by kind of question and size."""
    return {
        kind.value: {
            size: {way: round(figure.value, 4) for way, figure in ways.items()}
            | {'of': int(ways[WAYS[0]].count)}
            for size, ways in sizes.items()
        }
        for kind, sizes in corners.figures.items()
    }


def corner_lines(corners: CornerStudy) -> Iterator[str]:
    """Yield a table: a row for each kind of question and size."""
    columns = ''.join(f'{way:>12}' for way in WAYS)
    yield f'{"mean IoU of boxes by their corners":56}{columns}{"of":>7}'
    for kind, sizes in corners.figures.items():
        for size in SIZES:
            if size in sizes:
                ways = sizes[size]
                figures = ''.join(f'{ways[way].value:12.3f}' for way in WAYS)
                yield f'{kind.value:32}{size:24}{figures}{ways[WAYS[0]].count:7.0f}'
