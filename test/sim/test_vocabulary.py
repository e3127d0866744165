# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Colours, sizes and their names."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kosmos_ros.sim.vocabulary import color_distance, COLORS, lab, nearest_color, SHAPES, SIZES


def test_there_are_twelve_shapes_ten_colors_and_three_sizes() -> None:
    assert (len(SHAPES), len(COLORS), len(SIZES)) == (12, 10, 3)


@pytest.mark.parametrize(
    ('rgb', 'expected'),
    [
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.0, 1.0, 1.0), (100.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0), (53.24, 80.09, 67.20)),
        ((0.0, 0.0, 1.0), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colors(
    rgb: tuple[float, float, float], expected: tuple[float, float, float]
) -> None:
    np.testing.assert_allclose(lab(rgb), expected, atol=0.05)


@pytest.mark.parametrize(('a', 'b'), combinations(COLORS, 2))
def test_colors_are_far_apart(a: str, b: str) -> None:
    # The shadowed side of an object differs by about half of this from its lit side.
    assert color_distance(COLORS[a], COLORS[b]) > 25


@pytest.mark.parametrize('name', COLORS)
def test_a_color_has_its_own_name(name: str) -> None:
    assert nearest_color(COLORS[name]) == name
