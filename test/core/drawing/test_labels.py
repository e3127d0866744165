# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.drawing.labels``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kosmos_ros.core.drawing.labels import place_label, Rectangle

CANVAS = Rectangle(0, 0, 640, 480)
SIZE = (100.0, 20.0)


def overlap(a: Rectangle, b: Rectangle) -> float:
    """Return the area that both cover."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(0.0, width) * max(0.0, height)


def test_a_label_stands_on_its_box() -> None:
    box = Rectangle(200, 200, 300, 300)
    assert place_label(SIZE, box, CANVAS, [], [box]) == Rectangle(200, 180, 300, 200)


def test_a_label_moves_below_at_the_upper_edge() -> None:
    box = Rectangle(200, 0, 300, 100)
    assert place_label(SIZE, box, CANVAS, [], [box]) == Rectangle(200, 100, 300, 120)


def test_a_label_of_a_box_that_fills_the_picture_is_inside_it() -> None:
    assert place_label(SIZE, CANVAS, CANVAS, [], [CANVAS]) == Rectangle(0, 0, 100, 20)


def test_gaps_are_distances() -> None:
    box = Rectangle(10, 10, 20, 20)
    assert box.gap(Rectangle(20, 5, 30, 10)) == 0
    assert box.gap(Rectangle(25, 30, 30, 40)) == 15


def test_thirty_labels_of_one_place_do_not_overlap() -> None:
    box = Rectangle(300, 200, 340, 240)
    taken: list[Rectangle] = []
    for _ in range(30):
        taken.append(place_label(SIZE, box, CANVAS, taken, [box]))
    for index, label in enumerate(taken):
        assert all(overlap(label, other) == 0 for other in taken[:index])


coordinates = st.floats(-50, 700)


@given(
    st.tuples(coordinates, coordinates, coordinates, coordinates),
    st.floats(1, 640),
    st.floats(1, 480),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 460)), max_size=20),
)
def test_labels_stay_inside_and_off_others_where_there_is_room(
    corners: tuple[float, float, float, float],
    width: float,
    height: float,
    others: list[tuple[int, int]],
) -> None:
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    taken = [Rectangle(x, y, x + 100, y + 20) for x, y in others]
    place = place_label((width, height), Rectangle(x0, y0, x1, y1), CANVAS, taken)
    assert place.x0 >= 0
    assert place.y0 >= 0
    assert place.x1 <= 640 + 1e-9
    assert place.y1 <= 480 + 1e-9
    if not taken:
        # As near as the canvas lets it.
        box = Rectangle(x0, y0, x1, y1)
        assert place.gap(box) <= CANVAS.gap(box) + 1e-9
