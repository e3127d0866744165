# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which boxes of a kind of thing are meant: all but the excluded, the second from the left, both.

The model is asked for all things of the kind, and for those that are excluded. Among these, boxes
are chosen here as the query says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.language.words.quantities import Number, Order
from kosmos_ros.core.tasks.relations import EXTREMES, SAME_THING_IOU
from kosmos_ros.core.types import Box, ScoredBox

_COVERED = 0.8
"""A box that holds this much of an excluded one holds the excluded thing."""

_MEASURES: Mapping[str, Callable[[Box], float]] = {
    **EXTREMES,
    'large': lambda box: -box.area,
    'small': lambda box: box.area,
    'tall': lambda box: -box.height,
    'short': lambda box: box.height,
    'wide': lambda box: -box.width,
    'narrow': lambda box: box.width,
}


def without(boxes: Sequence[ScoredBox], excluded: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
    """Return the boxes that neither are nor hold an excluded one."""
    return tuple(box for box in boxes if not any(_holds(box.box, other.box) for other in excluded))


def in_order(order: Order, boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
    """Return the boxes that an order means, in that order, as far as there are so many."""
    measure = _MEASURES[order.side]
    row = sorted(boxes, key=lambda box: measure(box.box))
    if order.first < 0:
        row, first = row[::-1], -order.first
    else:
        first = order.first
    return tuple(row[first - 1 : first - 1 + order.count])


def counted(number: Number, boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
    """Return as many boxes as are meant, most probable first; all if exactly those were meant."""
    keeps_all = number.count == 0 or number.presumed or number.at_least
    return tuple(boxes) if keeps_all else tuple(boxes[: number.count])


def count_note(number: Number, found: int, name: str) -> str:
    """Say if another number of things was found than was meant."""
    if number.count in (0, found) or not found:
        return ''
    if found < number.count:
        return '' if number.at_most else f'{number.count} asked for, {found} found of {name!r}'
    if number.at_least or number.count == 1:
        return ''
    if number.presumed:
        return f'{number.count} asked for, {found} found of {name!r}'
    return f'{found} found of {name!r}, the {number.count} likeliest are given'


def order_note(order: Order, name: str) -> str:
    """Say where counting began, if the query does not."""
    return '' if order.names_side else f'{name!r} was counted from the {order.side}'


def _holds(box: Box, other: Box) -> bool:
    if iou(box, other) >= SAME_THING_IOU:
        return True
    across = max(0.0, min(box.x1, other.x1) - max(box.x0, other.x0))
    down = max(0.0, min(box.y1, other.y1) - max(box.y0, other.y0))
    return across * down >= _COVERED * other.area > 0.0
