# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of the changed images of ``kosmos_ros.datasets.levels``."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.datasets import levels
from kosmos_ros.datasets.levels import Change, LEVELS

ALL = [level.change for level in LEVELS.values() if level.change]


@pytest.fixture
def image() -> np.ndarray:
    """Return an orange square on a grey table."""
    picture = np.full((480, 640, 3), 120, np.uint8)
    picture[200:280, 300:380] = (230, 120, 20)
    return picture


@pytest.mark.parametrize('change', ALL, ids=lambda change: change.__name__)
def test_a_change_keeps_size_and_original(change: Change, image: np.ndarray) -> None:
    before = image.copy()
    changed = change(image, 3)
    np.testing.assert_array_equal(image, before)
    assert (changed.shape, changed.dtype) == (image.shape, image.dtype)
    assert changed.flags.c_contiguous
    assert not np.array_equal(changed, image)
    np.testing.assert_array_equal(change(image, 3), changed)


def test_colours_stay_in_their_order_but_where_they_are_swapped(image: np.ndarray) -> None:
    for change in ALL:
        red, _, blue = change(image, 0)[220:260, 320:360].reshape(-1, 3).mean(0)
        assert (red > blue) == (change is not levels.swapped)


def test_changes_are_as_strong_as_they_say(image: np.ndarray) -> None:
    grey = np.full((480, 640, 3), 120, np.uint8)
    assert levels.noisy(grey, 1).std() == pytest.approx(30.0, abs=0.3)
    assert not np.array_equal(levels.noisy(grey, 1), levels.noisy(grey, 2))
    assert (levels.dim(grey, 0) == 60).all()
    assert (levels.bright(grey, 0) == 168).all()
    assert levels.bright(image, 0).max() == 255

    def width_of_edge(change: Change) -> int:
        row = change(image, 0)[240, 260:340, 0]
        return int(((row > 122) & (row < 228)).sum())

    assert width_of_edge(levels.moving) == 14
    assert 5 <= width_of_edge(levels.blurred) <= 9
    assert levels.moving(image, 0)[200 - 1, 340, 0] == 120  # sideways only
