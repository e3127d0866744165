# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.studies.corners``."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.backend import GeneratedToken, Generation
from kosmos_ros.core.model.cells import box_from_cells, cells_from_box, Corner
from kosmos_ros.core.model.grammar import Cell, GRID_SIZE
from kosmos_ros.core.types import Box, GroundingRequest, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.studies.corners import best_cells, CornerStudy, size_of, without_corners
from kosmos_ros.evaluation.studies.recorder import Recorder

IMAGE = np.zeros((48, 64, 3), dtype=np.uint8)
TRUTH = Box(0.21, 0.33, 0.49, 0.64)


def boxes() -> st.SearchStrategy[Box]:
    ends = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)
    return st.tuples(ends, ends).map(lambda e: Box(e[0][0], e[1][0], e[0][1], e[1][1]))


@given(boxes())
def test_the_best_cells_are_no_worse_than_those_touched(box: Box) -> None:
    assert iou(best_cells(box), box) >= iou(box_from_cells(*cells_from_box(box)), box)


def test_the_best_cells_are_the_best_of_all() -> None:
    axis = [(i, j) for i in range(GRID_SIZE) for j in range(i, GRID_SIZE)]
    near = [(i, j) for i, j in axis if 0.1 < i / GRID_SIZE < 0.45 and 0.4 < j / GRID_SIZE < 0.75]
    best = max(
        iou(TRUTH, box_from_cells(Cell(y0 * GRID_SIZE + x0), Cell(y1 * GRID_SIZE + x1)))
        for (x0, x1), (y0, y1) in product(near, near)
    )
    assert iou(TRUTH, best_cells(TRUTH)) == pytest.approx(best)


def test_sizes_are_in_cells() -> None:
    assert size_of(Box(0.0, 0.0, 3 / 32, 3 / 32)) == 'small, below 4 cells'
    assert size_of(Box(0.0, 0.0, 4 / 32, 8 / 32)) == 'medium, 4 to 6 cells'
    assert size_of(Box(0.0, 0.0, 1.0, 0.5)) == 'large, 6 cells and more'


def count(study: CornerStudy, case: Case) -> None:
    study.take(case.kind, study.rows(case))


def test_located_boxes_are_read_in_each_way() -> None:
    cells = cells_from_box(TRUTH)
    found = replace(located('the red cube', TRUTH, existence=0.1), cells=(cells,))
    recorder = Recorder(ScriptedBackend(located={'the red cube': found}))
    study = CornerStudy(recorder)
    request = GroundingRequest('the red cube', Task.LOCATE)
    answer = Grounder(recorder).ground(IMAGE, request)
    assert answer.detections == ()
    count(study, Case(Kind.UNIQUE, request, (NamedBox('red cube', TRUTH),)))
    row = study.figures[Kind.UNIQUE]['all']
    assert row['sub-cell'].value == pytest.approx(1.0)
    assert row['tokens'].value == row['true cells'].value == iou(TRUTH, box_from_cells(*cells))
    assert row['best cells'].value == iou(TRUTH, best_cells(TRUTH))
    assert study.figures[Kind.UNIQUE]['large, 6 cells and more'] == row


def test_written_boxes_count_for_things_named_once() -> None:
    cells = ''.join(str(cell) for cell in cells_from_box(TRUTH))
    text = ''.join(
        f'<phrase> a {name}</phrase><object>{cells}</object>' for name in ('red cube', 'blue mug')
    )
    recorder = Recorder(ScriptedBackend(generated=lambda _: text))
    study = CornerStudy(recorder)
    request = GroundingRequest('', Task.DESCRIBE)
    mugs = (NamedBox('blue mug', TRUTH), NamedBox('blue mug', Box(0.1, 0.1, 0.2, 0.2)))
    things = (NamedBox('red cube', TRUTH), *mugs)
    Grounder(recorder).ground(IMAGE, request)
    count(study, Case(Kind.CAPTION, request, things))
    row = study.figures[Kind.CAPTION]['all']
    assert row['tokens'].count == 1
    assert row['sub-cell'] == row['tokens'] == row['true cells']


def test_corners_can_be_left_out() -> None:
    corner = Corner(0.5, 0.5, 0.9)
    tokens = (GeneratedToken(7, 0.9), GeneratedToken(8, 0.8, corner))
    assert without_corners(Generation(tokens, finished=True)) == Generation(
        (tokens[0], GeneratedToken(8, 0.8)), finished=True
    )


def test_other_questions_are_left_out() -> None:
    recorder = Recorder(ScriptedBackend())
    study = CornerStudy(recorder)
    request = GroundingRequest('the red cube', Task.LOCATE)
    Grounder(recorder).ground(IMAGE, request)
    count(study, Case(Kind.ABSENT, request))
    count(study, Case(Kind.UNIQUE, request, (NamedBox('red cube', TRUTH),)))
    assert not study.figures
