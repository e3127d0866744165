# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.relations``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.tasks.relations import decided_by_boxes, in_relation, narrowed_by_boxes
from kosmos_ros.core.types import Box, ScoredBox

ANCHOR = Box(0.4, 0.4, 0.6, 0.6)
WEST, EAST = Box(0.1, 0.4, 0.2, 0.6), Box(0.7, 0.4, 0.8, 0.6)
NORTH, SOUTH = Box(0.4, 0.1, 0.6, 0.2), Box(0.4, 0.8, 0.6, 0.9)
CORNER = Box(0.9, 0.9, 1.0, 1.0)
INSIDE = Box(0.45, 0.45, 0.55, 0.55)
ALL = tuple(ScoredBox(box, 0.9) for box in (WEST, EAST, NORTH, SOUTH, CORNER, INSIDE, ANCHOR))


def related(words: str, *references: Box, several: bool = True) -> set[Box]:
    return {found.box for found in in_relation(words, ALL, references, several)}


@pytest.mark.parametrize(
    ('words', 'boxes'),
    [
        ('left of', {WEST}),
        ('to the left of', {WEST}),
        ('on the right side of', {EAST, CORNER}),
        ('above', {NORTH}),
        ('under', {SOUTH, CORNER}),
        ('in front of', {SOUTH, CORNER}),
        ('on', {INSIDE}),
        ('inside', {INSIDE}),
    ],
)
def test_sides(words: str, boxes: set[Box]) -> None:
    assert related(words, ANCHOR) == boxes


def test_what_ends_higher_is_behind() -> None:
    tall, flat = Box(0.1, 0.2, 0.2, 0.55), Box(0.3, 0.5, 0.35, 0.65)
    boxes = [ScoredBox(box, 0.9) for box in (tall, flat)]
    (behind,) = in_relation('behind', boxes, [ANCHOR], several=True)
    (before,) = in_relation('in front of', boxes, [ANCHOR], several=True)
    assert (behind.box, before.box) == (tall, flat)


def test_one_thing_is_nearest() -> None:
    assert related('next to', EAST, several=False) == {INSIDE}
    assert related('beside', CORNER, several=False) == {SOUTH}
    assert related('between', WEST, EAST) == {INSIDE, ANCHOR, NORTH, SOUTH}
    assert related('between', WEST, EAST, several=False) == {INSIDE}
    assert related('between', WEST, several=False) == {INSIDE}


@pytest.mark.parametrize(
    ('words', 'box'),
    [
        ('on the left', WEST),
        ('to the right', CORNER),
        ('in front', CORNER),
        ('at the back', NORTH),
        ('at the top', NORTH),
    ],
)
def test_places_mean_the_extreme(words: str, box: Box) -> None:
    assert related(words, several=False) == {box}
    assert len(related(words)) == len(ALL)


def test_nothing_is_beside_itself() -> None:
    again = ScoredBox(Box(0.41, 0.4, 0.6, 0.6), 0.9)
    assert in_relation('right of', [again], [ANCHOR], several=True) == ()
    assert in_relation('opposite', [again], [ANCHOR], several=True) == ()


def test_the_order_stays() -> None:
    boxes = [ScoredBox(EAST, 0.9), ScoredBox(CORNER, 0.8)]
    assert list(in_relation('right of', boxes, [ANCHOR], several=True)) == boxes


@pytest.mark.parametrize(
    ('words', 'decided', 'narrowed'),
    [
        ('left of', True, True),
        ('at the right of', True, True),
        ('beneath', True, True),
        ('between', True, True),
        ('on the left', True, True),
        ('on', False, True),
        ('on top of', False, True),
        ('opposite', False, False),
        ('in the middle', False, False),
    ],
)
def test_what_boxes_decide(words: str, decided: bool, narrowed: bool) -> None:
    assert (decided_by_boxes(words), narrowed_by_boxes(words)) == (decided, narrowed)
