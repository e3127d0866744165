# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.depth.segments``, against OpenCV's connected components."""

from __future__ import annotations

import cv2
from hypothesis import given
from hypothesis.extra import numpy as arrays
import numpy as np

from kosmos_ros.core.depth.segments import connected_parts


@given(arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_parts_of_equal_depth_are_those_of_opencv(points: np.ndarray) -> None:
    parts = connected_parts(points, np.zeros(points.shape), 0.1)
    count, expected = cv2.connectedComponents(points.astype(np.uint8), connectivity=8)
    pairs = set(zip(parts.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len({ours for ours, _ in pairs}) == len({theirs for _, theirs in pairs})
    assert sorted(set(parts.ravel().tolist()) - {0}) == list(range(1, count))
    assert ((parts == 0) == ~points).all()


def test_a_spiral_is_one_part() -> None:
    points = np.zeros((41, 41), bool)
    for ring in range(0, 20, 2):
        points[ring : 41 - ring, [ring, 40 - ring]] = True
        points[[ring, 40 - ring], ring : 41 - ring] = True
        points[ring + 1, ring] = ring == 0
        points[ring + 2, ring + 1] = True
    count, _ = cv2.connectedComponents(points.astype(np.uint8), connectivity=8)
    assert connected_parts(points, np.zeros(points.shape), 0.1).max() == count - 1


def test_a_jump_in_depth_parts_and_a_slope_does_not() -> None:
    slope = np.tile(np.arange(10) * 0.01, (4, 1))
    everywhere = np.ones(slope.shape, bool)
    assert connected_parts(everywhere, slope, 0.015).max() == 1
    slope[:, 5:] += 0.02
    parts = connected_parts(everywhere, slope, 0.015)
    assert parts.max() == 2
    assert (np.diff(parts[0]) != 0).tolist() == [False] * 4 + [True] + [False] * 4


def test_no_points_have_no_parts() -> None:
    assert not connected_parts(np.zeros((3, 4), bool), np.ones((3, 4)), 1.0).any()
