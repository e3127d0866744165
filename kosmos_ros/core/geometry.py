# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Cells, boxes, pixels and regions.

The rules between cells and boxes are those of the KOSMOS-2 authors' ``decode_string.py`` and of
``processing_kosmos2.py`` in transformers, so that a box means here what it meant in training.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.errors import InvalidRegionError
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GRID_SIZE
from kosmos_ros.core.types import Box, Region


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
    Return the box that two location tokens mean.

    The box runs between the centres of the cells; only when the cells share a row or a column it
    takes their outer edges, on both axes.

    :returns: normalised box.
    :raises ValueError: if ``lower_right`` lies left of or above ``upper_left``.
    """
    top, left = divmod(upper_left.index, GRID_SIZE)
    bottom, right = divmod(lower_right.index, GRID_SIZE)
    if right < left or bottom < top:
        raise ValueError(f'inverted box: {lower_right} is left of or above {upper_left}')
    inset, outset = (0.0, 1.0) if left == right or top == bottom else (0.5, 0.5)
    return Box(
        (left + inset) / GRID_SIZE,
        (top + inset) / GRID_SIZE,
        (right + outset) / GRID_SIZE,
        (bottom + outset) / GRID_SIZE,
    )


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
    :param cell: the chosen cell.
    :param reach: the expectation runs over the ``2 * reach + 1`` squared cells around ``cell``, as
        far as they lie on the grid.
    :returns: the expected cell centre; the centre of ``cell`` itself where all is zero.
    :raises ValueError: if the array has another shape.
    """
    if probabilities.shape != (CELL_COUNT,):
        raise ValueError(
            f'probabilities must have shape ({CELL_COUNT},), got {probabilities.shape}'
        )
    grid = probabilities.astype(np.float64).reshape(GRID_SIZE, GRID_SIZE)
    row, column = divmod(cell.index, GRID_SIZE)
    rows, columns = _window(row, reach), _window(column, reach)
    window = grid[rows, columns]
    mass = float(grid[_window(row, 1), _window(column, 1)].sum())
    total = float(window.sum())
    if total <= 0.0:
        return Corner((column + 0.5) / GRID_SIZE, (row + 0.5) / GRID_SIZE, 0.0)
    y = float(window.sum(axis=1) @ _centres(rows)) / total
    x = float(window.sum(axis=0) @ _centres(columns)) / total
    return Corner(x, y, min(1.0, mass))


def box_from_corners(upper_left: Cell, first: Corner, lower_right: Cell, second: Corner) -> Box:
    """
    Return a box finer than its cells.

    :param upper_left: the cell that ``first`` refines.
    :param lower_right: the cell that ``second`` refines, not left of or above ``upper_left``.
    :returns: normalised box; an axis on which the fine corners meet or cross takes the coarse rule
        of the cells.
    :raises ValueError: if the cells are inverted.
    """
    coarse = box_from_cells(upper_left, lower_right)
    x0, x1 = (first.x, second.x) if first.x < second.x else (coarse.x0, coarse.x1)
    y0, y1 = (first.y, second.y) if first.y < second.y else (coarse.y0, coarse.y1)
    return Box(x0, y0, x1, y1)


def iou(a: Box, b: Box) -> float:
    """Return intersection over union (0..1); 0 where neither box has an area."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    if width <= 0.0 or height <= 0.0:
        return 0.0
    intersection = width * height
    union = a.area + b.area - intersection
    # Sides may be so short that their product is zero.
    return min(1.0, intersection / union) if union > 0.0 else 0.0


def box_to_pixels(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Return (x0, y0, x1, y1) in pixels, right and lower edge exclusive."""
    return box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height


def box_from_pixels(x0: float, y0: float, x1: float, y1: float, width: int, height: int) -> Box:
    """
    Return the normalised box of pixel corners, clamped to the image.

    :raises ValueError: if the image has no size, or the corners are inverted or not finite.
    """
    if width <= 0 or height <= 0:
        raise ValueError(f'an image needs a width and a height above 0, got {width}x{height}')
    if not (math.isfinite(x0 + y0 + x1 + y1) and x0 <= x1 and y0 <= y1):
        raise ValueError(f'corners need x0 <= x1 and y0 <= y1, got ({x0}, {y0}, {x1}, {y1})')
    return Box(_clamp(x0 / width), _clamp(y0 / height), _clamp(x1 / width), _clamp(y1 / height))


def fit_region(region: Region, width: int, height: int) -> Region:
    """
    Clamp a region to an image of ``width`` by ``height`` pixels.

    :raises InvalidRegionError: if the region lies outside the image altogether.
    """
    right = min(region.x + region.width, width)
    bottom = min(region.y + region.height, height)
    if right <= region.x or bottom <= region.y:
        raise InvalidRegionError(
            f'the region x={region.x} y={region.y} width={region.width} height={region.height} '
            f'lies outside the image of {width}x{height} pixels'
        )
    return Region(region.x, region.y, right - region.x, bottom - region.y)


def region_to_box(region: Region, width: int, height: int) -> Box:
    """
    Return the normalised box of a region of an image of ``width`` by ``height`` pixels.

    :raises InvalidRegionError: if the region lies outside the image.
    """
    fitted = fit_region(region, width, height)
    return Box(
        fitted.x / width,
        fitted.y / height,
        (fitted.x + fitted.width) / width,
        (fitted.y + fitted.height) / height,
    )


def uncrop(box: Box, region: Region, width: int, height: int) -> Box:
    """
    Map a box normalised to a crop onto the image that was cropped.

    :param region: the crop in pixels of the image of ``width`` by ``height`` pixels.
    :raises InvalidRegionError: if the region lies outside the image.
    """
    outer = region_to_box(region, width, height)
    return Box(
        _clamp(outer.x0 + box.x0 * outer.width),
        _clamp(outer.y0 + box.y0 * outer.height),
        _clamp(outer.x0 + box.x1 * outer.width),
        _clamp(outer.y0 + box.y1 * outer.height),
    )


def _first_cell(coordinate: float) -> int:
    return min(GRID_SIZE - 1, math.floor(coordinate * GRID_SIZE))


def _last_cell(coordinate: float) -> int:
    return max(0, math.ceil(coordinate * GRID_SIZE) - 1)


def _window(index: int, reach: int) -> slice:
    return slice(max(0, index - reach), min(GRID_SIZE, index + reach + 1))


def _centres(window: slice) -> npt.NDArray[np.float64]:
    return (np.arange(window.start, window.stop) + 0.5) / GRID_SIZE


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
