# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Choosing tokens."""

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    best_cell,
    best_cells,
    best_pairs,
    box_from_distributions,
    corner_at,
    lower_right_cells,
    probability,
    RepeatGuard,
)
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GRID_SIZE

torch = pytest.importorskip('torch')
cells = st.integers(0, CELL_COUNT - 1).map(Cell)


def certain(*chosen: Cell) -> np.ndarray:
    """Log-probabilities that share everything out evenly among some cells."""
    log = np.full(CELL_COUNT, -np.inf, dtype=np.float32)
    log[[cell.index for cell in chosen]] = -math.log(len(chosen))
    return log


def test_among_renormalises_even_where_probabilities_underflow() -> None:
    log = np.array([0.0, -500.0, -400.0, -400.0], dtype=np.float32)
    allowed = np.array([False, True, True, True])
    assert not np.exp(log[1:]).any()
    assert np.exp(among(log, allowed)) == pytest.approx([0.0, 0.0, 0.5, 0.5], abs=1e-6)


def test_the_best_cells_come_in_order_and_of_equal_ones_the_first() -> None:
    log = np.full(CELL_COUNT, -9.0, dtype=np.float32)
    log[[500, 7, 9]] = -1.0, -2.0, -2.0
    assert best_cell(log) == Cell(500)
    assert best_cells(log, 4) == [Cell(500), Cell(7), Cell(9), Cell(0)]


def test_pairs_are_ranked_by_both_corners() -> None:
    upper_lefts = [Cell(40), Cell(0)]
    logs = np.full((2, CELL_COUNT), -50.0, dtype=np.float32)
    # Left of and above the first cell: must not count, however probable.
    logs[0, [0, 33]] = 0.0
    logs[0, [50, 60]] = -1.0, -6.0
    logs[1, [70, 80]] = -2.0, -4.0
    ranked = best_pairs(upper_lefts, np.array([-1.0, -1.5], dtype=np.float32), logs, 4)
    assert ranked == [(0, Cell(50)), (1, Cell(70)), (1, Cell(80)), (0, Cell(60))]


def test_there_are_no_more_pairs_than_sound_boxes() -> None:
    corner = Cell(CELL_COUNT - 1)
    log = np.zeros((1, CELL_COUNT), dtype=np.float32)
    assert best_pairs([corner], log[0, :1], log, 9) == [(0, corner)]


def test_probability_is_never_above_one() -> None:
    assert probability(1e-6) == 1.0
    assert probability(math.log(0.25)) == pytest.approx(0.25)
    assert probability(-math.inf) == 0.0


@given(cells, cells)
def test_a_lower_right_cell_makes_a_box(first: Cell, second: Cell) -> None:
    if lower_right_cells(first)[second.index]:
        box_from_cells(first, second)
    else:
        with pytest.raises(ValueError, match='inverted'):
            box_from_cells(first, second)


@given(cells, cells)
def test_a_box_is_sound_whatever_the_cells(first: Cell, second: Cell) -> None:
    if not lower_right_cells(first)[second.index]:
        first, second = second, first
    if not lower_right_cells(first)[second.index]:
        return
    spread = np.full(CELL_COUNT, -math.log(CELL_COUNT), dtype=np.float32)
    box, mass = box_from_distributions(first, spread, second, spread)
    assert box.x0 < box.x1
    assert box.y0 < box.y1
    assert 0.0 < mass < 1e-3


def test_corners_in_the_middle_of_their_cells_give_the_coarse_box() -> None:
    first, second = Cell(5 * GRID_SIZE + 4), Cell(20 * GRID_SIZE + 17)
    box, mass = box_from_distributions(first, certain(first), second, certain(second))
    assert box == box_from_cells(first, second)
    assert mass == pytest.approx(1.0)


def test_a_corner_between_two_cells_lies_between_them() -> None:
    first, second = Cell(5 * GRID_SIZE + 4), Cell(20 * GRID_SIZE + 17)
    shared = certain(first, Cell(first.index + 1))
    box, mass = box_from_distributions(first, shared, second, certain(second))
    assert box.x0 == pytest.approx(5 / GRID_SIZE)
    assert box.y0 == pytest.approx(5.5 / GRID_SIZE)
    assert mass == pytest.approx(1.0)


def test_probability_left_of_the_upper_left_corner_does_not_count() -> None:
    corner = Cell(5 * GRID_SIZE + 4)
    left = Cell(corner.index - 1)
    allowed = among(certain(corner, left), lower_right_cells(corner))
    box, mass = box_from_distributions(corner, certain(corner), corner, allowed)
    assert iou(box, box_from_cells(corner, corner)) == pytest.approx(1.0)
    assert mass == pytest.approx(1.0)


def test_mass_counts_the_neighbours() -> None:
    corner = Cell(5 * GRID_SIZE + 4)
    log = certain(corner, Cell(corner.index + 1), Cell(corner.index + 3), Cell(0))
    assert corner_at(corner, log).mass == pytest.approx(0.5)


@given(st.lists(st.integers(0, 4), max_size=20), st.integers(1, 4))
def test_repetitions_are_those_of_the_library(history: list[int], size: int) -> None:
    processors = pytest.importorskip('transformers.generation.logits_process')
    stock = processors.NoRepeatNGramLogitsProcessor(size)
    ids = torch.tensor([history], dtype=torch.long)
    scores = stock(ids, torch.zeros((1, 5)))[0]
    banned = set(torch.isinf(scores).nonzero()[:, 0].tolist())
    assert RepeatGuard(size, history).banned() == banned


def test_size_zero_bans_nothing() -> None:
    assert RepeatGuard(0, [1, 1, 1]).banned() == set()
