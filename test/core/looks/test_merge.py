# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Of several looks at an object the best one counts."""

from __future__ import annotations

from kosmos_ros.core.looks.merge import merged, same_object, SeenBox
from kosmos_ros.core.types import Box, ScoredBox

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
TILE = Box(0.25, 0.25, 0.75, 0.75)


def seen(box: Box, look: int, part: Box = WHOLE, score: float = 0.9) -> SeenBox:
    """Return what a look at a part saw."""
    return SeenBox.of(ScoredBox(box, score), look, part)


def test_how_large_a_look_saw_it() -> None:
    assert round(seen(Box(0.4, 0.4, 0.5, 0.45), 0).fill, 6) == 0.1
    assert round(seen(Box(0.4, 0.4, 0.5, 0.45), 1, TILE).fill, 6) == 0.2


def test_what_touches_an_edge_within_the_image_is_cut() -> None:
    assert seen(Box(0.26, 0.4, 0.4, 0.5), 1, TILE).cut
    assert seen(Box(0.5, 0.6, 0.6, 0.745), 1, TILE).cut
    assert not seen(Box(0.3, 0.4, 0.4, 0.5), 1, TILE).cut
    assert not seen(Box(0.0, 0.4, 0.4, 1.0), 0).cut


def test_the_look_that_saw_it_best_counts_with_its_score() -> None:
    small = seen(Box(0.40, 0.40, 0.46, 0.46), 0, score=0.99)
    closer = seen(Box(0.41, 0.40, 0.46, 0.46), 1, Box(0.35, 0.35, 0.5, 0.5), score=0.8)
    assert merged([small, closer]) == (closer,)


def test_a_part_that_an_edge_cut_off_is_the_same_object() -> None:
    part = seen(Box(0.25, 0.4, 0.32, 0.6), 1, TILE)
    all_of_it = seen(Box(0.1, 0.4, 0.32, 0.6), 0)
    assert same_object(part, all_of_it)
    assert merged([part, all_of_it]) == (all_of_it,)


def test_what_one_look_tells_apart_stays_apart() -> None:
    bowl, ball = seen(Box(0.3, 0.3, 0.4, 0.4), 0), seen(Box(0.32, 0.32, 0.38, 0.38), 0)
    assert not same_object(bowl, ball)
    assert len(merged([bowl, ball])) == 2


def test_what_lies_inside_another_and_was_seen_well_stays_apart() -> None:
    bowl = seen(Box(0.2, 0.2, 0.6, 0.6), 0)
    ball = seen(Box(0.3, 0.3, 0.45, 0.45), 1, Box(0.2, 0.2, 0.6, 0.6))
    assert not same_object(bowl, ball)


def test_boxes_come_best_first() -> None:
    boxes = [seen(Box(x, 0.1, x + 0.1, 0.2), 0, score=x) for x in (0.2, 0.6, 0.4)]
    assert [one.box.score for one in merged(boxes)] == [0.6, 0.4, 0.2]
