# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.geometry``."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidRegionError
from kosmos_ros.core.geometry import (
    box_from_pixels,
    box_to_pixels,
    box_to_region,
    fit_region,
    iou,
    region_to_box,
    uncrop,
)
from kosmos_ros.core.types import Box, Region

unit = st.floats(0.0, 1.0)
sides = st.integers(1, 5000)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw any box, flat ones included."""
    x0, x1 = sorted((draw(unit), draw(unit)))
    y0, y1 = sorted((draw(unit), draw(unit)))
    return Box(x0, y0, x1, y1)


@st.composite
def regions_in_images(draw: st.DrawFn) -> tuple[Region, int, int]:
    """Draw an image size and a region inside it."""
    width, height = draw(sides), draw(sides)
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    region = Region(x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y)))
    return region, width, height


@given(boxes(), boxes())
def test_iou_is_symmetric_and_bounded(a: Box, b: Box) -> None:
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0.0 <= iou(a, b) <= 1.0


def test_iou_of_boxes_without_any_area_to_speak_of() -> None:
    speck = Box(0.0, 0.0, 1e-200, 1e-200)
    assert iou(speck, speck) == 0.0


@given(boxes())
def test_iou_with_itself_is_one(box: Box) -> None:
    assume(box.width > 1e-6 and box.height > 1e-6)
    assert iou(box, box) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ('other', 'expected'),
    [
        (Box(0.5, 0.0, 1.0, 1.0), 0.0),
        (Box(0.0, 0.0, 0.25, 1.0), 0.5),
        (Box(0.25, 0.0, 0.75, 1.0), 1 / 3),
        (Box(0.2, 0.2, 0.2, 0.9), 0.0),
    ],
)
def test_iou_of_known_boxes(other: Box, expected: float) -> None:
    assert iou(Box(0.0, 0.0, 0.5, 1.0), other) == pytest.approx(expected)


@given(boxes(), sides, sides)
def test_boxes_survive_the_round_trip_over_pixels(box: Box, width: int, height: int) -> None:
    back = box_from_pixels(*box_to_pixels(box, width, height), width, height)
    assert (back.x0, back.y0, back.x1, back.y1) == pytest.approx(
        (box.x0, box.y0, box.x1, box.y1), abs=1e-12
    )


def test_pixels_outside_the_image_are_clamped() -> None:
    assert box_from_pixels(-10, 20, 300, 1000, 200, 100) == Box(0.0, 0.2, 1.0, 1.0)


@pytest.mark.parametrize(
    ('corners', 'size'),
    [
        ((10, 0, 5, 5), (20, 20)),
        ((0, 10, 5, 5), (20, 20)),
        ((0, 0, float('nan'), 5), (20, 20)),
        ((0, 0, float('inf'), 5), (20, 20)),
        ((0, 0, 5, 5), (0, 20)),
    ],
)
def test_pixels_that_make_no_box_are_refused(
    corners: tuple[float, float, float, float], size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match='need'):
        box_from_pixels(*corners, *size)


@given(st.integers(0, 6000), st.integers(0, 6000), sides, sides, sides, sides)
def test_a_fitted_region_is_the_part_inside_the_image(
    x: int, y: int, region_width: int, region_height: int, width: int, height: int
) -> None:
    region = Region(x, y, region_width, region_height)
    if x >= width or y >= height:
        with pytest.raises(InvalidRegionError, match=f'outside the image of {width}x{height}'):
            fit_region(region, width, height)
        return
    fitted = fit_region(region, width, height)
    assert (fitted.x, fitted.y) == (x, y)
    assert fitted.x + fitted.width == min(x + region_width, width)
    assert fitted.y + fitted.height == min(y + region_height, height)


@given(regions_in_images())
def test_a_region_has_the_box_of_its_pixels(drawn: tuple[Region, int, int]) -> None:
    region, width, height = drawn
    pixels = box_to_pixels(region_to_box(region, width, height), width, height)
    expected = (region.x, region.y, region.x + region.width, region.y + region.height)
    assert pixels == pytest.approx(expected)


@pytest.mark.parametrize(
    ('box', 'region'),
    [
        (Box(0.0, 0.0, 1.0, 1.0), Region(0, 0, 640, 480)),
        (Box(0.25, 0.5, 0.5, 0.75), Region(160, 240, 160, 120)),
        (Box(0.9999, 0.5, 1.0, 0.5), Region(640 - 1, 240, 1, 1)),
    ],
)
def test_regions_of_boxes_are_whole_pixels_inside_the_image(box: Box, region: Region) -> None:
    assert box_to_region(box, 640, 480) == region


@given(boxes(), regions_in_images())
def test_a_box_of_a_crop_keeps_its_pixels(box: Box, drawn: tuple[Region, int, int]) -> None:
    region, width, height = drawn
    in_crop = box_to_pixels(box, region.width, region.height)
    in_image = box_to_pixels(uncrop(box, region, width, height), width, height)
    offset = (region.x, region.y, region.x, region.y)
    moved = [value + by for value, by in zip(in_crop, offset, strict=True)]
    assert in_image == pytest.approx(moved, abs=1e-6)
