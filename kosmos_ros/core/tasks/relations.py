# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Relations between boxes in an image.

'Left' and 'right' go by the middles of boxes. 'In front of' and 'behind' go by their lower edges:
of objects on one plane that a camera looks down on, what is nearer to the camera ends lower. On
simulated scenes both are right more often than the embedded model's own answer to the whole
expression (docs/instructions.md). What is 'on' or 'in' something shares some of its box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
import math

from kosmos_ros.core.geometry import iou, shared_area
from kosmos_ros.core.types import Box, ScoredBox

SAME_OBJECT_IOU = 0.5
"""Boxes that overlap this much are the same object: nothing is left of itself."""

_Measure = Callable[[Box, Sequence[Box]], float]


def _x(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _y(box: Box) -> float:
    return (box.y0 + box.y1) / 2


def _distance(box: Box, others: Sequence[Box]) -> float:
    return min(math.hypot(_x(box) - _x(other), _y(box) - _y(other)) for other in others)


def _off_line(box: Box, others: Sequence[Box]) -> float:
    """Return how much longer the way between two objects is via a third."""
    if len(others) < 2:
        return _distance(box, others)
    first, last = others[0], others[-1]
    return _distance(box, [first]) + _distance(box, [last]) - _distance(first, [last])


def _is_between(box: Box, others: Sequence[Box]) -> bool:
    """Tell whether the foot of an object on the line between two others lies between them."""
    (ax, ay), (bx, by) = ((_x(other), _y(other)) for other in (others[0], others[-1]))
    along = (_x(box) - ax) * (bx - ax) + (_y(box) - ay) * (by - ay)
    return 0.0 < along < (bx - ax) ** 2 + (by - ay) ** 2


_SIDES: dict[str, _Measure] = {
    'left of': lambda box, others: _x(others[0]) - _x(box),
    'right of': lambda box, others: _x(box) - _x(others[0]),
    'behind': lambda box, others: others[0].y1 - box.y1,
    'in front of': lambda box, others: box.y1 - others[0].y1,
    'above': lambda box, others: _y(others[0]) - _y(box),
    'below': lambda box, others: _y(box) - _y(others[0]),
}
"""By how much a box is on that side of another, in image sizes."""

_NEAREST: dict[str, _Measure] = {'next to': _distance, 'between': _off_line}
"""The value that is least for the box that is meant."""

EXTREMES: dict[str, Callable[[Box], float]] = {
    'left': _x,
    'right': lambda box: -_x(box),
    'back': lambda box: box.y1,
    'front': lambda box: -box.y1,
    'top': _y,
    'bottom': lambda box: -_y(box),
}
"""The value that is least for the box meant by 'on the left' and the like."""

_OTHER_WORDS = {
    **{
        f'{place} of': f'{side} of'
        for side in ('left', 'right')
        for way in ('to', 'on', 'at')
        for place in (f'{way} the {side}', f'{way} the {side} side')
    },
    **dict.fromkeys(('in back of', 'to the back of', 'beyond'), 'behind'),
    'to the front of': 'in front of',
    'over': 'above',
    **dict.fromkeys(('under', 'underneath', 'beneath'), 'below'),
    **dict.fromkeys(
        (
            *('beside', 'by', 'near', 'near to', 'nearest', 'nearest to', 'close to'),
            *('closest to', 'alongside', 'adjacent to', 'against', 'at', 'to the side of'),
        ),
        'next to',
    ),
    'in between': 'between',
}

_TOUCHING = frozenset(('on', 'on top of', 'upon', 'atop', 'in', 'inside', 'inside of', 'within'))


def is_among(box: Box, others: Iterable[Box]) -> bool:
    """Tell whether a box shows the same object as one of the others."""
    return any(iou(box, other) >= SAME_OBJECT_IOU for other in others)


def decided_by_boxes(words: str) -> bool:
    """Tell whether boxes alone decide a relation."""
    name = _OTHER_WORDS.get(words, words)
    return name in _SIDES or name in _NEAREST or _extreme(words) is not None


def is_side(words: str) -> bool:
    """Tell whether a relation is that of being on one side of another object."""
    return _OTHER_WORDS.get(words, words) in _SIDES


def narrowed_by_boxes(words: str) -> bool:
    """Tell whether boxes decide a relation, or at least rule out much."""
    return decided_by_boxes(words) or words in _TOUCHING


def in_relation(
    words: str, boxes: Sequence[ScoredBox], references: Sequence[Box], several: bool
) -> tuple[ScoredBox, ...]:
    """
    Return the boxes that can be in a relation.

    :param words: the preposition, or a place such as 'on the left'.
    :param boxes: best first.
    :param references: a box of each object that the relation names.
    :param several: whether more than one may be nearest, or leftmost.
    """
    name = _OTHER_WORDS.get(words, words)
    others = [box for box in boxes if not is_among(box.box, references)]
    if not references:
        extreme = _extreme(words)
        return _least(others, extreme, several) if extreme else tuple(others)
    if name in _SIDES:
        return tuple(box for box in others if _SIDES[name](box.box, references) > 0.0)
    if name in _NEAREST:
        if name == 'between' and len(references) > 1:
            others = [box for box in others if _is_between(box.box, references)]
        return _least(others, lambda box: _NEAREST[name](box, references), several)
    if name in _TOUCHING:
        return tuple(box for box in others if shared_area(box.box, references[0]))
    return tuple(others)


def _least(
    boxes: Sequence[ScoredBox], measure: Callable[[Box], float], several: bool
) -> tuple[ScoredBox, ...]:
    """Return the box with the least value, or all of them in that order."""
    ordered = tuple(sorted(boxes, key=lambda box: measure(box.box)))
    return ordered if several else ordered[:1]


def _extreme(words: str) -> Callable[[Box], float] | None:
    """Return what a place without an object has least of: 'on the left', 'in front'."""
    if words in _OTHER_WORDS or words in _SIDES or words in _TOUCHING:
        return None
    return next((EXTREMES[word] for word in words.split() if word in EXTREMES), None)
