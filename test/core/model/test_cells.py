# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.cells``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.model.cells import box_from_cells, cells_from_box, refine_corner
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GRID_SIZE
from kosmos_ros.core.types import Box

unit = st.floats(0.0, 1.0)
places = st.integers(0, GRID_SIZE - 1)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw any box, flat ones included."""
    x0, x1 = sorted((draw(unit), draw(unit)))
    y0, y1 = sorted((draw(unit), draw(unit)))
    return Box(x0, y0, x1, y1)


@st.composite
def cell_pairs(draw: st.DrawFn) -> tuple[Cell, Cell]:
    """Draw two cells that make a box."""
    left, right = sorted((draw(places), draw(places)))
    top, bottom = sorted((draw(places), draw(places)))
    return Cell(top * GRID_SIZE + left), Cell(bottom * GRID_SIZE + right)


@pytest.mark.parametrize(
    ('upper_left', 'lower_right', 'expected'),
    [
        (44, 863, (0.390625, 0.046875, 0.984375, 0.828125)),  # published: 'a snowman'
        (6, 879, (0.203125, 0.015625, 0.484375, 0.859375)),  # published: 'a fire'
        (0, 1023, (0.015625, 0.015625, 0.984375, 0.984375)),
        (0, 0, (0.0, 0.0, 0.03125, 0.03125)),
        (1023, 1023, (0.96875, 0.96875, 1.0, 1.0)),
        (0, 31, (0.0, 0.0, 1.0, 0.03125)),  # one row: outer edges on both axes
        (5, 5 + 32 * 3, (5 / 32, 0.0, 6 / 32, 4 / 32)),  # one column
    ],
)
def test_box_from_cells_follows_the_published_rule(
    upper_left: int, lower_right: int, expected: tuple[float, ...]
) -> None:
    box = box_from_cells(Cell(upper_left), Cell(lower_right))
    assert (box.x0, box.y0, box.x1, box.y1) == expected


@pytest.mark.parametrize(('first', 'second'), [(5, 4), (40, 8), (863, 44), (33, 63 - 32)])
def test_box_from_cells_refuses_inverted_corners(first: int, second: int) -> None:
    with pytest.raises(ValueError, match='inverted'):
        box_from_cells(Cell(first), Cell(second))


@given(cell_pairs())
def test_cells_survive_the_round_trip_over_a_box(cells: tuple[Cell, Cell]) -> None:
    assert cells_from_box(box_from_cells(*cells)) == cells


@given(boxes())
def test_cells_of_a_box_contain_its_corners(box: Box) -> None:
    upper_left, lower_right = cells_from_box(box)
    top, left = divmod(upper_left.index, GRID_SIZE)
    bottom, right = divmod(lower_right.index, GRID_SIZE)
    assert left <= box.x0 * GRID_SIZE <= left + 1
    assert top <= box.y0 * GRID_SIZE <= top + 1
    assert right <= box.x1 * GRID_SIZE <= right + 1 or right == left
    assert bottom <= box.y1 * GRID_SIZE <= bottom + 1 or bottom == top
    box_from_cells(upper_left, lower_right)


def test_cells_agree_with_the_library() -> None:
    library = pytest.importorskip('transformers.models.kosmos2.processing_kosmos2')
    random = np.random.default_rng(0)
    for _ in range(500):
        x0, x1 = np.sort(random.random(2)).tolist()
        y0, y1 = np.sort(random.random(2)).tolist()
        cells = cells_from_box(Box(x0, y0, x1, y1))
        indices = tuple(cell.index for cell in cells)
        assert indices == library.coordinate_to_patch_index((x0, y0, x1, y1), GRID_SIZE)
        decoded = box_from_cells(*cells)
        corners = (decoded.x0, decoded.y0, decoded.x1, decoded.y1)
        assert corners == library.patch_index_to_coordinate(*indices, GRID_SIZE)


def test_a_corner_with_one_certain_cell_is_its_centre() -> None:
    probabilities = np.zeros(CELL_COUNT, dtype=np.float32)
    probabilities[44] = 1.0
    corner = refine_corner(probabilities, Cell(44))
    assert (corner.x, corner.y, corner.mass) == (12.5 / 32, 1.5 / 32, 1.0)


def test_a_corner_between_two_cells_lies_between_their_centres() -> None:
    probabilities = np.zeros(CELL_COUNT)
    probabilities[[44, 45]] = 0.3
    probabilities[1000] = 0.4
    corner = refine_corner(probabilities, Cell(44))
    assert corner.x == pytest.approx(13 / 32)
    assert corner.y == pytest.approx(1.5 / 32)
    assert corner.mass == pytest.approx(0.6)


def test_the_reach_limits_the_expectation_and_the_mass_does_not_follow_it() -> None:
    probabilities = np.zeros(CELL_COUNT)
    probabilities[[330, 332]] = 0.5  # two columns apart
    near = refine_corner(probabilities, Cell(330), reach=1)
    wide = refine_corner(probabilities, Cell(330), reach=2)
    assert near.x == pytest.approx(10.5 / 32)
    assert wide.x == pytest.approx(11.5 / 32)
    assert near.mass == wide.mass == pytest.approx(0.5)


def test_a_corner_without_any_probability_is_the_centre_of_its_cell() -> None:
    corner = refine_corner(np.zeros(CELL_COUNT), Cell(1023))
    assert (corner.x, corner.y, corner.mass) == (31.5 / 32, 31.5 / 32, 0.0)


@given(st.integers(0, CELL_COUNT - 1), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_corner_stays_within_reach_and_on_the_grid(index: int, reach: int, seed: int) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(CELL_COUNT, 0.1))
    corner = refine_corner(probabilities, Cell(index), reach)
    row, column = divmod(index, GRID_SIZE)
    assert abs(corner.x * GRID_SIZE - column - 0.5) <= reach + 1e-9
    assert abs(corner.y * GRID_SIZE - row - 0.5) <= reach + 1e-9
    assert 0.0 <= corner.mass <= 1.0


def test_probabilities_of_another_grid_are_refused() -> None:
    with pytest.raises(ValueError, match='reshape'):
        refine_corner(np.zeros(64), Cell(0))
