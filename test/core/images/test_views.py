# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.images.views``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidImageError, InvalidRegionError, InvalidRequestError
from kosmos_ros.core.geometry import uncrop
from kosmos_ros.core.images.images import crop
from kosmos_ros.core.images.turning import turn_back, turn_box, turn_image
from kosmos_ros.core.images.views import ArrayPicture, Cutout, FrameKey, View
from kosmos_ros.core.types import Box, Region, ROTATIONS

IMAGE = np.arange(40 * 80 * 3, dtype=np.uint8).reshape(40, 80, 3)
VIEW = View(ArrayPicture(IMAGE))


def test_an_array_is_a_picture_without_being_copied() -> None:
    picture = ArrayPicture(IMAGE[:, ::-1])
    assert (picture.width, picture.height) == (80, 40)
    assert np.shares_memory(picture.pixels(), IMAGE)
    with pytest.raises(InvalidImageError):
        ArrayPicture(IMAGE[..., 0])


def test_all_of_a_view_is_shown_as_it_is() -> None:
    cutout = Cutout.of(VIEW, None)
    assert cutout.pixels() is IMAGE
    box = Box(0.1, 0.2, 0.3, 0.4)
    assert cutout.onto_picture(box) == box
    assert cutout.box() == Box(0.0, 0.0, 1.0, 1.0)


def test_a_region_is_clamped_cut_out_and_mapped_back() -> None:
    cutout = Cutout.of(VIEW, Region(40, 20, 900, 10))
    assert cutout.region == Region(40, 20, 40, 10)
    np.testing.assert_array_equal(cutout.pixels(), IMAGE[20:30, 40:])
    assert cutout.box() == Box(0.5, 0.5, 1.0, 0.75)
    assert cutout.onto_picture(Box(0.0, 0.0, 0.5, 1.0)) == Box(0.5, 0.5, 0.75, 0.75)
    assert cutout.whole() == Cutout(VIEW)
    with pytest.raises(InvalidRegionError):
        Cutout.of(VIEW, Region(80, 0, 1, 1))


def test_a_view_is_turned_upright_and_is_another_image_then() -> None:
    key = FrameKey('front', 7, 1)
    view = View(ArrayPicture(IMAGE), key, 90)
    upright = view.upright()
    assert (upright.picture.width, upright.picture.height) == (40, 80)
    np.testing.assert_array_equal(upright.picture.pixels(), np.rot90(IMAGE, -1))
    assert upright.source == FrameKey('front', 7, 1, 90)
    assert (upright.rotation, upright.upright()) == (0, upright)
    assert View(view.picture, None, 180).upright().source is None
    assert VIEW.upright() is VIEW
    with pytest.raises(InvalidRequestError, match='got 91'):
        View(view.picture, None, 91)


def test_a_region_is_one_of_the_picture_before_it_is_turned() -> None:
    cutout = Cutout.of(View(ArrayPicture(IMAGE), None, 270), Region(60, 0, 900, 10))
    # The upper right corner, turned anticlockwise, is the upper left one.
    assert cutout.region == Region(0, 0, 10, 20)
    np.testing.assert_array_equal(cutout.pixels(), np.rot90(IMAGE[:10, 60:]))
    assert cutout.box() == Box(0.0, 0.0, 0.25, 0.25)
    with pytest.raises(InvalidRegionError, match='outside the image of 80x40 pixels'):
        Cutout.of(View(ArrayPicture(IMAGE), None, 270), Region(0, 40, 9, 9))


@given(
    st.sampled_from(ROTATIONS),
    st.tuples(st.integers(0, 79), st.integers(0, 39)),
    st.tuples(st.integers(1, 90), st.integers(1, 50)),
    st.tuples(*[st.floats(0, 0.5)] * 2),
)
def test_what_is_shown_is_found_where_it_is(
    rotation: int, corner: tuple[int, int], size: tuple[int, int], start: tuple[float, float]
) -> None:
    region = Region(*corner, *size)
    cutout = Cutout.of(View(ArrayPicture(IMAGE), None, rotation), region)
    np.testing.assert_array_equal(cutout.pixels(), turn_image(crop(IMAGE, region), rotation))
    # A box in what is shown, back in the picture, is in the same place of the region.
    seen = Box(*start, start[0] + 0.5, start[1] + 0.5)
    back = turn_back(rotation)
    found = turn_box(cutout.onto_picture(seen), back)
    expected = uncrop(turn_box(seen, back), region, 80, 40)
    assert vars(found) == pytest.approx(vars(expected), abs=1e-9)
