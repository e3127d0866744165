# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images, boxes and regions that are turned, and turned back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.geometry import region_to_box
from kosmos_ros.core.images.turning import (
    check_rotation,
    turn_back,
    turn_box,
    turn_image,
    turn_region,
    turn_size,
)
from kosmos_ros.core.types import Box, Region, ROTATIONS

rotations = st.sampled_from(ROTATIONS)
sides = st.integers(1, 60)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Return any box."""
    x0, x1 = sorted(draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    y0, y1 = sorted(draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    return Box(x0, y0, x1, y1)


@st.composite
def regions(draw: st.DrawFn) -> tuple[Region, int, int]:
    """Return a region within an image, and its width and height."""
    width, height = draw(sides), draw(sides)
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    size = draw(st.integers(1, width - x)), draw(st.integers(1, height - y))
    return Region(x, y, *size), width, height


def corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]


def test_upright_is_what_is_turned_clockwise() -> None:
    # The top of things points to the left: a pixel at the left ends at the top.
    image = np.zeros((2, 3, 3), np.uint8)
    image[1, 0] = 255
    assert np.argwhere(turn_image(image, 90)[..., 0]).tolist() == [[0, 0]]
    assert np.argwhere(turn_image(image, 180)[..., 0]).tolist() == [[0, 2]]
    assert np.argwhere(turn_image(image, 270)[..., 0]).tolist() == [[2, 1]]
    assert turn_image(image, 90).shape == (3, 2, 3)
    assert np.shares_memory(turn_image(image, 90), image)


@given(regions(), rotations)
def test_a_region_shows_the_same_pixels_in_the_turned_image(
    given_region: tuple[Region, int, int], rotation: int
) -> None:
    region, width, height = given_region
    image = np.zeros((height, width, 3), np.uint8)
    image[region.y : region.y + region.height, region.x : region.x + region.width] = 255
    turned = turn_region(region, width, height, rotation)
    turned_image = turn_image(image, rotation)
    assert turned_image.shape[1::-1] == turn_size(width, height, rotation)
    cut = turned_image[turned.y : turned.y + turned.height, turned.x : turned.x + turned.width]
    assert cut.size == 3 * region.width * region.height
    assert cut.all()
    size = turn_size(width, height, rotation)
    assert turn_region(turned, *size, turn_back(rotation)) == region
    box = turn_box(region_to_box(region, width, height), rotation)
    assert corners(box) == pytest.approx(corners(region_to_box(turned, *size)), abs=1e-12)


@given(boxes(), rotations)
def test_a_box_comes_back(box: Box, rotation: int) -> None:
    turned = turn_box(box, rotation)
    assert turned.area == pytest.approx(box.area)
    assert corners(turn_box(turned, turn_back(rotation))) == pytest.approx(corners(box), abs=1e-12)


@given(boxes(), rotations, rotations)
def test_turns_add_up(box: Box, first: int, second: int) -> None:
    once = turn_box(box, (first + second) % 360)
    assert corners(turn_box(turn_box(box, first), second)) == pytest.approx(
        corners(once), abs=1e-12
    )


@pytest.mark.parametrize('rotation', [-90, 45, 360, 1])
def test_other_angles_are_refused(rotation: int) -> None:
    with pytest.raises(InvalidRequestError, match=f'0, 90, 180, 270 degrees, got {rotation}'):
        check_rotation(rotation)
