# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What looks say about places adds up."""

from __future__ import annotations

import pytest

from kosmos_ros.core.looks.heat import Heat, share_of, SIDE
from kosmos_ros.core.types import Box

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
LEFT, RIGHT = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)


def places(row: int, column: int) -> tuple[float, ...]:
    """Return the places of a look that is sure of one."""
    return tuple(float((row, column) == divmod(index, SIDE)) for index in range(SIDE**2))


def within(heat: Heat, box: Box) -> float:
    """Return the probability that it is in a part of the image."""
    return float((heat.places * share_of(box)).sum())


def test_it_begins_evenly() -> None:
    heat = Heat(0.4)
    assert within(heat, WHOLE) == pytest.approx(0.4)
    assert within(heat, LEFT) == pytest.approx(0.2)
    assert within(heat, Box(0.01, 0.01, 0.02, 0.03)) == pytest.approx(0.4 * 0.01 * 0.02)


def test_a_look_that_misses_leaves_what_it_may_have_overlooked() -> None:
    heat = Heat(0.4)
    heat.miss(LEFT, 0.75, 0.0, ())
    assert within(heat, LEFT) == pytest.approx(0.05)
    assert within(heat, RIGHT) == pytest.approx(0.2)


def test_a_look_that_is_not_sure_raises_what_it_points_at() -> None:
    heat = Heat(0.2)
    heat.miss(WHOLE, 0.5, 0.3, places(0, SIDE - 1))
    corner = Box(0.75, 0.0, 1.0, 0.25)
    assert within(heat, WHOLE) == pytest.approx(0.1 + 0.3 * 0.9)
    assert within(heat, corner) > 0.8 * within(heat, WHOLE)


def test_places_are_those_of_the_part_that_was_looked_at() -> None:
    heat = Heat(0.2)
    heat.miss(RIGHT, 0.0, 0.5, places(SIDE - 1, 0))
    assert within(heat, Box(0.5, 0.9, 0.56, 1.0)) > 0.6 * within(heat, RIGHT)


def test_it_is_never_more_than_certain() -> None:
    heat = Heat(1.0)
    heat.miss(LEFT, 0.0, 1.0, places(3, 3))
    assert within(heat, WHOLE) <= 1.0 + 1e-9
