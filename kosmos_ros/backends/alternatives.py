# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Other places where a phrase may be, besides the one that the model thinks best."""

from __future__ import annotations

from collections.abc import Sequence

from kosmos_ros.backends.decoding import (
    among,
    best_pairs,
    box_from_distributions,
    LogProbabilities,
    lower_right_cells,
)
from kosmos_ros.core.geometry import box_from_cells, iou
from kosmos_ros.core.grammar import Cell
from kosmos_ros.core.types import Box

UPPER_LEFTS = 16
"""Upper left corners that are followed up; many of them belong to the same place."""

_PAIRS = 256
"""Boxes that are looked at, best first; most of them differ from others by a cell."""

_OVERLAP = 0.5
"""From this intersection over union on two boxes are the same place."""


def other_places(
    first: Box,
    upper_lefts: Sequence[Cell],
    upper_left_log: LogProbabilities,
    lower_right_logs: LogProbabilities,
    count: int,
) -> list[tuple[Box, float]]:
    """
    Return boxes that overlap ``first`` and each other by an IoU below 0.5.

    :param upper_lefts: cells that were followed up, best first.
    :param upper_left_log: (1024,) log-probabilities of the upper left.
    :param lower_right_logs: (N, 1024) log-probabilities of the lower right after each of them,
        among all tokens.
    :param count: how many to return at most.
    :returns: normalised box and probability of its corners as in ``box_from_distributions``, most
        probable first.
    """
    followed = upper_left_log[[cell.index for cell in upper_lefts]]
    taken, found = [first], []
    for index, lower_right in best_pairs(upper_lefts, followed, lower_right_logs, _PAIRS):
        upper_left = upper_lefts[index]
        if _overlaps(box_from_cells(upper_left, lower_right), taken):
            continue
        log = among(lower_right_logs[index], lower_right_cells(upper_left))
        box, mass = box_from_distributions(upper_left, upper_left_log, lower_right, log)
        if _overlaps(box, taken):
            continue
        taken.append(box)
        found.append((box, mass))
        if len(found) == count:
            break
    return sorted(found, key=lambda place: -place[1])


def _overlaps(box: Box, others: Sequence[Box]) -> bool:
    return any(iou(box, other) >= _OVERLAP for other in others)
