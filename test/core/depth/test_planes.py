# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.depth.planes``."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.core.depth.planes import find_planes

NOISE = 0.005


def patch(
    rng: np.random.Generator, normal: tuple[float, float, float], offset: float, count: int
) -> np.ndarray:
    """Draw points (N, 3) within a metre of each other on a plane."""
    unit = np.array(normal) / np.linalg.norm(normal)
    points = rng.uniform(-0.5, 0.5, (count, 3))
    return points - np.outer(points @ unit - offset, unit)


def test_planes_are_found_by_their_points_the_larger_first() -> None:
    rng = np.random.default_rng(3)
    table, wall = patch(rng, (0, -1, -0.5), -0.8, 600), patch(rng, (0, 0, 1), 1.5, 300)
    clutter = rng.uniform(-0.5, 0.5, (100, 3))
    points = rng.permutation(np.concatenate([table, wall, clutter]))
    first, second = find_planes(points, NOISE, 0.2, 3)
    assert first.normal == pytest.approx(np.array([0, -1, -0.5]) / np.sqrt(1.25), abs=0.01)
    assert first.offset == pytest.approx(-0.8, abs=0.005)
    # The camera is on the positive side.
    assert second.normal == pytest.approx([0, 0, -1], abs=0.01)
    assert second.offset == pytest.approx(-1.5, abs=0.005)
    assert second.heights(np.array([[0.0, 0.0, 1.2]])) == pytest.approx([0.3], abs=0.01)


def test_what_lies_in_a_plane_is_told_by_its_own_noise() -> None:
    rng = np.random.default_rng(3)
    exact = patch(rng, (0, 0, 1), 1.0, 500)
    noisy = exact + rng.normal(0, [0, 0, 0.002], exact.shape)
    (fine,) = find_planes(exact, NOISE, 0.2, 3)
    (coarse,) = find_planes(noisy, NOISE, 0.2, 3)
    assert fine.tolerance == 0.0025
    assert 0.005 < coarse.tolerance < 0.01


@pytest.mark.parametrize(
    'points',
    [
        np.empty((0, 3)),
        np.ones((500, 3)),
        np.outer(np.linspace(0, 1, 500), [1, 2, 3]),
        np.random.default_rng(0).uniform(-1, 1, (500, 3)),
        np.random.default_rng(0).uniform(-1, 1, (10, 3)),
    ],
    ids=['none', 'one point', 'a line', 'a cloud', 'few'],
)
def test_what_is_no_plane_gives_none(points: np.ndarray) -> None:
    assert not list(find_planes(points, NOISE, 0.2, 3))
