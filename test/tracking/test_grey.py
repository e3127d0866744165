# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Small grey images, boxes in them, and which of them are kept."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.tracking.grey import (
    FrameHistory,
    share_inside,
    SIDE,
    small_grey,
    to_box,
    to_pixels,
)


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


IMAGE = np.zeros((10, 10), dtype=np.uint8)


def numbers(history: FrameHistory, after: int = 0) -> list[int]:
    return [number for number, _ in history.after(after)]


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    history = FrameHistory(max_frames=3)
    for number in range(1, 6):
        history.add(number, IMAGE)
    assert numbers(history) == [3, 4, 5]


def test_memory_is_limited_whatever_the_size_of_the_images() -> None:
    history = FrameHistory(max_bytes=250)
    for number in range(1, 6):
        history.add(number, IMAGE)
    assert numbers(history) == [4, 5]
    history.add(6, np.zeros((15, 15), dtype=np.uint8))
    assert numbers(history) == [6]
    history.add(7, np.zeros((20, 20), dtype=np.uint8))
    assert numbers(history) == []
    history.add(8, IMAGE)
    assert numbers(history) == [8]


def test_those_after_an_image_are_given_in_order() -> None:
    history = FrameHistory()
    for number in (4, 7, 9):
        history.add(number, np.full((2, 2), number, dtype=np.uint8))
    assert [(number, image[0, 0]) for number, image in history.after(5)] == [(7, 7), (9, 9)]
    assert numbers(history, after=9) == []
