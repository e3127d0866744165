# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Cells, corners and the boxes that they mean.

The rules are those of the KOSMOS-2 authors' ``decode_string.py`` and of ``processing_kosmos2.py``
in transformers, so that a box means here what it meant in training.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.grammar import Cell, GRID_SIZE
from kosmos_ros.core.types import Box


@dataclass(frozen=True)
class Corner:
    """
    A corner finer than its cell, normalised.

    ``mass`` is the probability (0..1) that the model gave to the 3x3 cells around the cell.
    """

    x: float
    y: float
    mass: float


def box_from_cells(upper_left: Cell, lower_right: Cell) -> Box:
    """
    Return the box, normalised, that two location tokens mean.

    It runs between the centres of the cells; only when these share a row or a column it takes
    their outer edges, on both axes.

    :raises ValueError: if ``lower_right`` lies left of or above ``upper_left``.
    """
    top, left = divmod(upper_left.index, GRID_SIZE)
    bottom, right = divmod(lower_right.index, GRID_SIZE)
    if right < left or bottom < top:
        raise ValueError(f'inverted box: {lower_right} is left of or above {upper_left}')
    inset, outset = (0.0, 1.0) if left == right or top == bottom else (0.5, 0.5)
    x0, y0 = (left + inset) / GRID_SIZE, (top + inset) / GRID_SIZE
    return Box(x0, y0, (right + outset) / GRID_SIZE, (bottom + outset) / GRID_SIZE)


def cells_from_box(box: Box) -> tuple[Cell, Cell]:
    """
    Return the location tokens of a normalised box: (upper left, lower right).

    The cells are those that the box touches; a box without extent gets the cell it lies in.
    """
    left, top = _first_cell(box.x0), _first_cell(box.y0)
    right, bottom = max(left, _last_cell(box.x1)), max(top, _last_cell(box.y1))
    return Cell(top * GRID_SIZE + left), Cell(bottom * GRID_SIZE + right)


def refine_corner(
    probabilities: npt.NDArray[np.float32] | npt.NDArray[np.float64], cell: Cell, reach: int = 2
) -> Corner:
    """
    Place a corner within its cell from the probabilities of the cells around it.

    :param probabilities: (1024,) float, row-major over the grid; they need not sum to 1.
    :param reach: the expectation runs over the ``2 * reach + 1`` squared cells around ``cell``, as
        far as they lie on the grid.
    :returns: the expected cell centre; the centre of ``cell`` itself where all is zero.
    :raises ValueError: if the array has another size.
    """
    grid = probabilities.astype(np.float64).reshape(GRID_SIZE, GRID_SIZE)
    row, column = divmod(cell.index, GRID_SIZE)
    rows, columns = _window(row, reach), _window(column, reach)
    window = grid[rows, columns]
    total = float(window.sum())
    if total <= 0.0:
        return Corner((column + 0.5) / GRID_SIZE, (row + 0.5) / GRID_SIZE, 0.0)
    y = float(window.sum(axis=1) @ _centres(rows)) / total
    x = float(window.sum(axis=0) @ _centres(columns)) / total
    mass = float(grid[_window(row, 1), _window(column, 1)].sum())
    return Corner(x, y, min(1.0, mass))


def box_from_corners(upper_left: Cell, first: Corner, lower_right: Cell, second: Corner) -> Box:
    """
    Return a box, normalised, finer than its cells.

    An axis on which the fine corners meet or cross takes the coarse rule of the cells.

    :raises ValueError: as ``box_from_cells``.
    """
    coarse = box_from_cells(upper_left, lower_right)
    x0, x1 = (first.x, second.x) if first.x < second.x else (coarse.x0, coarse.x1)
    y0, y1 = (first.y, second.y) if first.y < second.y else (coarse.y0, coarse.y1)
    return Box(x0, y0, x1, y1)


def _first_cell(coordinate: float) -> int:
    return min(GRID_SIZE - 1, math.floor(coordinate * GRID_SIZE))


def _last_cell(coordinate: float) -> int:
    return max(0, math.ceil(coordinate * GRID_SIZE) - 1)


def _window(index: int, reach: int) -> slice:
    return slice(max(0, index - reach), min(GRID_SIZE, index + reach + 1))


def _centres(window: slice) -> npt.NDArray[np.float64]:
    return (np.arange(window.start, window.stop) + 0.5) / GRID_SIZE
