# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which boxes of a kind of object are meant: all but the excluded, the second from the left, both.

The model is asked for all objects of the kind, and for those that are excluded. Among these, boxes
are chosen here as the query says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kosmos_ros.core.geometry import iou, shared_area
from kosmos_ros.core.language.words.quantities import Number, Order
from kosmos_ros.core.tasks.relations import EXTREMES, SAME_OBJECT_IOU
from kosmos_ros.core.types import Box, ScoredBox

_COVERED = 0.8
"""A box that holds this much of an excluded one holds the excluded object."""

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
    start = abs(order.first) - 1
    return tuple(row[:: -1 if order.first < 0 else 1][start : start + order.count])


def counted(number: Number, boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
    """Return as many boxes as are meant, most probable first; all if exactly those were meant."""
    all_meant = number.count == 0 or number.presumed or number.at_least
    return tuple(boxes if all_meant else boxes[: number.count])


def count_note(number: Number, found: int, name: str) -> str:
    """Say if another number of objects was found than was meant."""
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
    covered = shared_area(box, other) >= _COVERED * other.area > 0.0
    return covered or iou(box, other) >= SAME_OBJECT_IOU
