# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Alternatives: other places where a phrase may be, besides the most probable one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    best_cells,
    best_pairs,
    box_from_distributions,
    LogProbabilities,
    lower_right_cells,
)
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.grammar import Cell, GRID_SIZE
from kosmos_ros.core.types import Box

BEAMS = 16
"""Upper left corners that are followed up because they are the best; most are neighbours."""

_PEAKS = 8
"""Upper left corners that are followed up because they are the best for some way around."""

_AROUND_PEAK = np.ones((5, 5), dtype=np.uint8)

_PAIRS = 1024
"""Boxes that are looked at, best first; most differ from others by a cell."""

_OVERLAP = 0.5
"""From this intersection over union on two boxes are the same place."""


def corners_to_follow(upper_left_log: LogProbabilities) -> list[Cell]:
    """
    Return the upper left corners to ask the lower right of.

    :param upper_left_log: (1024,) log-probabilities.
    :returns: the 16 best, and the best of those that are the best within 5x5 cells, so that
        alternatives are among them even where the model is sure of one.
    """
    best = best_cells(upper_left_log, BEAMS)
    highest = cv2.dilate(upper_left_log.reshape(GRID_SIZE, GRID_SIZE), _AROUND_PEAK)
    only_peaks = np.where(upper_left_log == highest.reshape(-1), upper_left_log, -np.inf)
    return list(dict.fromkeys([*best, *best_cells(only_peaks, _PEAKS)]))


def other_places(
    first: Box,
    upper_lefts: Sequence[Cell],
    upper_left_log: LogProbabilities,
    lower_right_logs: LogProbabilities,
    count: int,
) -> list[tuple[Box, float]]:
    """
    Return boxes that overlap ``first`` and each other by an IoU below 0.5.

    :param upper_lefts: cells that were followed up.
    :param upper_left_log: (1024,) log-probabilities of the upper left.
    :param lower_right_logs: (N, 1024) log-probabilities of the lower right after each of them,
        among all tokens.
    :param count: how many to return at most.
    :returns: normalised box and probability of its corners as in ``box_from_distributions``, most
        probable first.
    """
    followed = upper_left_log[[cell.index for cell in upper_lefts]]
    pairs = best_pairs(upper_lefts, followed, lower_right_logs, _PAIRS)
    extents = _extents([(upper_lefts[index].index, cell.index) for index, cell in pairs])
    left = np.ones(len(pairs), dtype=np.bool_)
    taken = [first]
    found: list[tuple[Box, float]] = []
    while len(found) < count and left.any():
        best = int(np.argmax(left))
        index, lower_right = pairs[best]
        log = among(lower_right_logs[index], lower_right_cells(upper_lefts[index]))
        box, mass = box_from_distributions(upper_lefts[index], upper_left_log, lower_right, log)
        if all(iou(box, other) < _OVERLAP for other in taken):
            taken.append(box)
            found.append((box, mass))
        left &= _overlap(extents, extents[best]) < _OVERLAP
    return sorted(found, key=lambda place: -place[1])


def _extents(pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.float64]:
    """Return (N, 4) x0, y0, x1, y1 around the two cells of each pair, in cells."""
    first, second = np.array(pairs, dtype=np.float64).T
    return np.stack(
        [first % GRID_SIZE, first // GRID_SIZE, second % GRID_SIZE + 1, second // GRID_SIZE + 1],
        axis=1,
    )


def _overlap(
    boxes: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the intersection over union of (N, 4) boxes with one, (N,)."""
    sides = np.minimum(boxes[:, 2:], other[2:]) - np.maximum(boxes[:, :2], other[:2])
    shared = sides.clip(min=0.0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared / (areas + (other[2:] - other[:2]).prod() - shared)
