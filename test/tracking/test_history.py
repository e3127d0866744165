# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is kept of a camera's latest images."""

from __future__ import annotations

import numpy as np

from kosmos_ros.tracking.history import FrameHistory

IMAGE = np.zeros((10, 10), dtype=np.uint8)


def numbers(history: FrameHistory, after: int = 0) -> list[int]:
    return [number for number, _ in history.after(after)]


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    history = FrameHistory(max_frames=3)
    for number in range(1, 6):
        history.add(number, IMAGE)
    assert numbers(history) == [3, 4, 5]
    assert len(history) == 3


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
