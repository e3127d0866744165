# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Small grey images, and boxes in them."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.tracking.grey import share_inside, SIDE, small_grey, to_box, to_pixels


@pytest.mark.parametrize(
    ('size', 'small'),
    [((480, 640), (240, 320)), ((2160, 3840), (180, 320)), ((640, 3), (320, 2)), ((4, 5), (4, 5))],
)
def test_images_shrink_and_keep_their_shape(size: tuple[int, int], small: tuple[int, int]) -> None:
    grey = small_grey(np.full((*size, 3), 200, dtype=np.uint8))
    assert grey.shape == small
    assert max(grey.shape) <= SIDE
    assert grey.dtype == np.uint8
    assert (grey == 200).all()


def test_strips_of_larger_images_need_no_copy_first() -> None:
    image = np.zeros((480, 1280, 3), dtype=np.uint8)
    image[:, 640:] = 90
    assert (small_grey(image[:, 640:]) == 90).all()


def test_brightness_is_that_of_red_green_and_blue() -> None:
    image = np.zeros((2, 2, 3), dtype=np.uint8)
    image[..., 1] = 255
    assert small_grey(image)[0, 0] == 150  # 0.587 * 255: were it blue, 29


def test_boxes_go_there_and_back() -> None:
    grey = np.zeros((240, 320), dtype=np.uint8)
    box = Box(0.125, 0.25, 0.5, 0.75)
    assert to_pixels(box, grey).tolist() == [40.0, 60.0, 160.0, 180.0]
    assert to_box(to_pixels(box, grey), grey) == box


def test_only_the_part_within_the_image_comes_back() -> None:
    grey = np.zeros((100, 100), dtype=np.uint8)
    pixels = np.array([-50.0, 20.0, 50.0, 60.0])
    assert to_box(pixels, grey) == Box(0.0, 0.2, 0.5, 0.6)
    assert share_inside(pixels, grey) == pytest.approx(0.5)
    assert share_inside(np.array([200.0, 0.0, 300.0, 50.0]), grey) == 0.0
    assert share_inside(np.array([5.0, 5.0, 5.0, 9.0]), grey) == 0.0
