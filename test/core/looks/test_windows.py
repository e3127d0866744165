# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Parts of images cover what they have to, and are squashed little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.looks.windows import (
    is_much_larger,
    is_strip,
    LONGEST,
    strip_tiles,
    tiles,
    zoomed,
)
from kosmos_ros.core.types import Box, Region

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
cameras = st.tuples(st.integers(300, 4000), st.integers(300, 4000))
edges = st.floats(0.0, 1.0)


def covered(regions: list[Region], width: int, height: int) -> bool:
    """Tell whether regions show every pixel of an image."""
    seen = np.zeros((height, width), dtype=bool)
    for one in regions:
        seen[one.y : one.y + one.height, one.x : one.x + one.width] = True
    return bool(seen.all())


def is_inside(region: Region, width: int, height: int) -> bool:
    """Tell whether a region needs no clamping."""
    return region.x + region.width <= width and region.y + region.height <= height


@given(cameras)
def test_tiles_of_each_scale_cover_the_image_and_keep_their_shape(size: tuple[int, int]) -> None:
    found = tiles(*size)
    for scale in {one.scale for one in found}:
        regions = [one.region for one in found if one.scale == scale]
        assert covered(regions, *size)
        for one in regions:
            assert is_inside(one, *size)
            assert max(one.width / one.height, one.height / one.width) < LONGEST * 1.02


@given(cameras)
def test_finer_tiles_are_smaller(size: tuple[int, int]) -> None:
    areas: dict[int, float] = {}
    for one in tiles(*size):
        areas.setdefault(one.scale, one.region.width * one.region.height)
    assert list(areas.values()) == sorted(areas.values(), reverse=True)


def test_what_is_half_as_long_as_a_tile_s_overlap_is_whole_in_one_of_them() -> None:
    width, height = 1920, 1080
    for scale in (0, 1):
        regions = [one.region for one in tiles(width, height) if one.scale == scale]
        side = regions[0].height // 8
        for x in range(0, width - side, 37):
            for y in range(0, height - side, 41):
                assert any(
                    one.x <= x
                    and one.y <= y
                    and x + side <= one.x + one.width
                    and y + side <= one.y + one.height
                    for one in regions
                )


@pytest.mark.parametrize(
    ('size', 'count'), [((1920, 480), 4), ((480, 1440), 3), ((2560, 640), 4), ((1080, 1920), 2)]
)
def test_strips_are_looked_at_along_their_long_side(size: tuple[int, int], count: int) -> None:
    regions = strip_tiles(*size)
    assert is_strip(*size)
    assert len(regions) == count
    assert covered(list(regions), *size)
    assert {min(one.width, one.height) for one in regions} == {min(size)}


@given(sizes)
def test_strip_tiles_of_any_image_cover_it(size: tuple[int, int]) -> None:
    if max(size) <= 40 * min(size):
        assert covered(list(strip_tiles(*size)), *size)


def test_usual_images_are_no_strips() -> None:
    for size in ((640, 480), (480, 640), (1280, 720), (1920, 1080), (600, 600)):
        assert not is_strip(*size)


def test_what_a_model_sees_at_half_its_size_is_not_much_larger() -> None:
    assert not is_much_larger(640, 480)
    assert is_much_larger(1280, 720)
    assert is_much_larger(480, 1440)


@given(cameras, edges, edges, edges, edges)
def test_a_closer_look_holds_all_of_the_box(
    size: tuple[int, int], a: float, b: float, c: float, d: float
) -> None:
    box = Box(min(a, b), min(c, d), max(a, b), max(c, d))
    part = zoomed(box, *size)
    assert is_inside(part, *size)
    x0, y0, x1, y1 = box_to_pixels(box, *size)
    if max(x1 - x0, y1 - y0) < 0.4 * min(size):
        assert part.x <= x0 + 1
        assert part.y <= y0 + 1
        assert part.x + part.width >= x1 - 1
        assert part.y + part.height >= y1 - 1
        assert max(part.width / part.height, part.height / part.width) < 1.4


def test_a_closer_look_is_filled_to_between_a_third_and_a_half() -> None:
    box = Box(0.5, 0.5, 0.5 + 60 / 1920, 0.5 + 30 / 1080)
    part = zoomed(box, 1920, 1080)
    assert 1 / 3 < 60 / part.width < 1 / 2
