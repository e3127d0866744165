# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Choosing tokens: pure functions on log-probabilities.

Log-probabilities rather than probabilities, because among tokens that a model thinks impossible
all probabilities are 0 and the first one would win.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.geometry import box_from_corners, refine_corner
from kosmos_ros.core.grammar import Cell, CELL_COUNT, GRID_SIZE
from kosmos_ros.core.types import Box

LogProbabilities = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def best_allowed(log_probabilities: LogProbabilities, allowed: Mask) -> int:
    """Return the index of the most probable entry among those allowed; shapes (N,)."""
    return int(np.argmax(np.where(allowed, log_probabilities, -np.inf)))


def probability(log_probability: float) -> float:
    """Return exp, kept within 0..1 against rounding."""
    return float(min(1.0, np.exp(log_probability)))


def lower_right_cells(upper_left: Cell) -> Mask:
    """Return (1024,) bool: cells that are neither left of nor above ``upper_left``."""
    row, column = divmod(upper_left.index, GRID_SIZE)
    allowed = np.zeros((GRID_SIZE, GRID_SIZE), dtype=np.bool_)
    allowed[row:, column:] = True
    return allowed.reshape(CELL_COUNT)


def corner_mass(cell: Cell, log_probabilities: LogProbabilities) -> float:
    """Return the probability (0..1) of the 3x3 cells around ``cell``, from (1024,) of them."""
    return refine_corner(np.exp(log_probabilities), cell).mass


def box_from_distributions(
    upper_left: Cell,
    upper_left_log: LogProbabilities,
    lower_right: Cell,
    lower_right_log: LogProbabilities,
) -> tuple[Box, float]:
    """
    Return a box finer than its cells, and the probability of its two corners.

    :param upper_left_log: (1024,) log-probabilities of the cells when ``upper_left`` was chosen.
    :param lower_right_log: the same for ``lower_right``, which is not left of or above it.
    :returns: normalised box, and the product of the masses of the 3x3 cells around each corner.
    """
    first = refine_corner(np.exp(upper_left_log), upper_left)
    allowed = lower_right_cells(upper_left)
    second = refine_corner(np.where(allowed, np.exp(lower_right_log), 0.0), lower_right)
    return box_from_corners(upper_left, first, lower_right, second), first.mass * second.mass


def repeating_tokens(history: Sequence[int], size: int) -> set[int]:
    """
    Return the tokens that would repeat a run of ``size`` tokens of ``history``.

    As ``no_repeat_ngram_size`` in fairseq and transformers; ``size`` 0 bans nothing.
    """
    if size == 0 or len(history) < size:
        return set()
    start = tuple(history[len(history) - size + 1 :])
    windows = range(len(history) - size + 1)
    return {
        history[index + size - 1]
        for index in windows
        if tuple(history[index : index + size - 1]) == start
    }
