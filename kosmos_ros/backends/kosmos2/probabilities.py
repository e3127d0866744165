# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Choosing tokens: pure functions on log-probabilities.

Log-probabilities rather than probabilities, because those of very improbable tokens are all
rounded to 0, and the first one would win.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.cells import box_from_corners, Corner, refine_corner
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GRID_SIZE
from kosmos_ros.core.types import Box

LogProbabilities = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def among(log_probabilities: LogProbabilities, allowed: Mask) -> LogProbabilities:
    """Renormalise (N,) over the allowed entries, one at least; the others become -inf."""
    masked = np.where(allowed, log_probabilities, np.float32(-np.inf))
    shifted = masked - masked.max()
    return shifted - np.log(np.exp(shifted).sum(dtype=np.float32))


def probability(log_probability: float) -> float:
    """Return exp, kept within 0..1 against rounding."""
    return float(min(1.0, np.exp(log_probability)))


def lower_right_cells(upper_left: Cell) -> Mask:
    """Return (1024,) bool: cells that are neither left of nor above ``upper_left``."""
    row, column = divmod(upper_left.index, GRID_SIZE)
    allowed = np.zeros((GRID_SIZE, GRID_SIZE), dtype=np.bool_)
    allowed[row:, column:] = True
    return allowed.reshape(CELL_COUNT)


def best_cell(log_probabilities: LogProbabilities) -> Cell:
    """Return the most probable of (1024,) cells."""
    return Cell(int(np.argmax(log_probabilities)))


def best_cells(log_probabilities: LogProbabilities, count: int) -> list[Cell]:
    """Return the most probable of (1024,) cells, best first; of equal ones the first."""
    order = np.argsort(-log_probabilities, kind='stable')[:count]
    return [Cell(int(index)) for index in order]


def corner_at(cell: Cell, log_probabilities: LogProbabilities) -> Corner:
    """Return the corner that (1024,) log-probabilities place in and around a cell."""
    return refine_corner(np.exp(log_probabilities), cell)


def box_from_distributions(
    upper_left: Cell,
    upper_left_log: LogProbabilities,
    lower_right: Cell,
    lower_right_log: LogProbabilities,
) -> tuple[Box, float]:
    """
    Return a box finer than its cells, and the probability of its two corners.

    :param upper_left_log: (1024,) log-probabilities of the cells when ``upper_left`` was chosen.
    :param lower_right_log: the same for ``lower_right``; -inf left of and above ``upper_left``.
    :returns: normalised box, and the product of the masses of the 3x3 cells around each corner.
    """
    first = corner_at(upper_left, upper_left_log)
    second = corner_at(lower_right, lower_right_log)
    return box_from_corners(upper_left, first, lower_right, second), first.mass * second.mass


def places(log_probabilities: LogProbabilities) -> tuple[float, ...]:
    """Return the probabilities of each of 16x16 parts of the image, of 2x2 cells each."""
    grid = np.exp(log_probabilities).reshape(GRID_SIZE // 2, 2, GRID_SIZE // 2, 2)
    return tuple(grid.sum(axis=(1, 3)).ravel().tolist())


def best_pairs(
    upper_lefts: Sequence[Cell],
    upper_left_log: LogProbabilities,
    lower_right_logs: LogProbabilities,
    count: int,
) -> list[tuple[int, Cell]]:
    """
    Rank boxes by the probability of both their corners.

    The result of a beam search with as many beams as upper left cells.

    :param upper_left_log: (N,) log-probabilities of ``upper_lefts``.
    :param lower_right_logs: (N, 1024) log-probabilities of the lower right after each of them.
    :param count: how many to return at most.
    :returns: index into ``upper_lefts`` and lower right cell, best first; none is inverted.
    """
    allowed = np.stack([lower_right_cells(cell) for cell in upper_lefts])
    joint = np.where(allowed, upper_left_log[:, None] + lower_right_logs, -np.inf).reshape(-1)
    count = min(count, int(allowed.sum()))
    best = np.argpartition(-joint, count - 1)[:count]
    ranked = best[np.argsort(-joint[best], kind='stable')]
    return [(int(place) // CELL_COUNT, Cell(int(place) % CELL_COUNT)) for place in ranked]


class RepeatGuard:
    """
    Finds tokens that would repeat a run of ``size`` tokens of a text; 0 bans none.

    As ``no_repeat_ngram_size`` in fairseq and transformers.
    """

    def __init__(self, size: int, tokens: Iterable[int] = ()) -> None:
        self._size = size
        self._recent: tuple[int, ...] = ()
        self._after: dict[tuple[int, ...], set[int]] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        """Append a token to the text."""
        if self._size == 0:
            return
        if len(self._recent) == self._size - 1:
            self._after.setdefault(self._recent, set()).add(token)
        recent = (*self._recent, token)
        self._recent = recent[max(0, len(recent) + 1 - self._size) :]

    def repeats(self, tokens: Sequence[int]) -> bool:
        """Tell whether with some more tokens, one at least, the text would end in such a run."""
        if self._size == 0:
            return False
        *run, last = (*self._recent, *tokens)[-self._size :]
        return last in self._after.get(tuple(run), ())

    def banned(self) -> set[int]:
        """Return the tokens that may not come next."""
        return self._after.get(self._recent, set())
