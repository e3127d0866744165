# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Rays bent by OpenCV, straightened again."""

from __future__ import annotations

import math

import cv2
from hypothesis import assume, given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.core.depth.lenses import FisheyeLens, Lens, PolynomialLens

PINCUSHION = (0.28, 0.05, 0.0, 0.0)
BARREL = (-0.32, 0.12, 0.0005, -0.0003, 0.0)
RATIONAL = (0.5, -2.5, 0.001, 0.0, 1.5, 0.4, -2.3, 1.4)
PRISM = (*BARREL, 0.01, 0.02, -0.01, 0.002, -0.001, -0.003, 0.002)
TILTED = (*PRISM, 0.03, -0.05)
FISHEYE = (-0.012, 0.02, -0.015, 0.003)

POLYNOMIALS = [PINCUSHION, BARREL, RATIONAL, PRISM, TILTED]
SIGHTS = np.stack(np.meshgrid(np.linspace(-0.6, 0.6, 13), np.linspace(-0.45, 0.45, 9)))
"""Rays (2, 9, 13), one of them along the axis."""


def bend(lens: Lens, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bend rays as OpenCV does."""
    points = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 1, 3)
    still, matrix = np.zeros(3), np.eye(3)
    if isinstance(lens, FisheyeLens):
        d = np.array(lens.coefficients or (0.0,) * 4)
        bent, _ = cv2.fisheye.projectPoints(points, still, still, matrix, d)
    else:
        bent, _ = cv2.projectPoints(points, still, still, matrix, np.array(lens.coefficients))
    bent_x, bent_y = bent.reshape(-1, 2).T
    return bent_x.reshape(x.shape), bent_y.reshape(x.shape)


@pytest.mark.parametrize(
    'lens', [*map(PolynomialLens, POLYNOMIALS), FisheyeLens(), FisheyeLens(FISHEYE)], ids=str
)
def test_rays_bent_by_opencv_are_straightened(lens: Lens) -> None:
    bent = bend(lens, *SIGHTS)
    assert np.abs(np.array(bent) - SIGHTS).max() > 0.005
    np.testing.assert_allclose(lens.straighten(*bent), SIGHTS, atol=1e-8)


def test_a_fisheye_sees_nearly_to_its_side() -> None:
    angles = np.radians([1.0, 60.0, 85.0, 89.0])
    lens = FisheyeLens((0.0, 0.0, 0.0, 0.0))
    x, y = lens.straighten(angles * 0.6, angles * -0.8)
    np.testing.assert_allclose(x, np.tan(angles) * 0.6, rtol=1e-6)
    np.testing.assert_allclose(y, np.tan(angles) * -0.8, rtol=1e-6)


def test_what_no_ray_comes_from_is_unknown() -> None:
    # The picture of a barrel ends where its polynomial turns back, at 0.7027.
    barrel = PolynomialLens((-0.3, 0.0, 0.0, 0.0))
    x, _ = barrel.straighten(np.array([0.0, 0.7, 0.71, 9.0, math.nan]), np.zeros(5))
    assert x[:2].tolist() == pytest.approx([0.0, 1.0])
    assert np.isnan(x[2:]).all()
    for lens in (FisheyeLens(), FisheyeLens((-0.2, 0.0, 0.0, 0.0))):
        beside, _ = lens.straighten(np.array([0.3, math.pi / 2, 4.0]), np.zeros(3))
        assert np.isfinite(beside).tolist() == [True, False, False]


@pytest.mark.parametrize('count', [1, 3, 6, 13, 15])
def test_other_numbers_of_coefficients_are_refused(count: int) -> None:
    for kind in (PolynomialLens, FisheyeLens):
        with pytest.raises(ValueError, match=f'finite coefficients, got {count}'):
            kind((0.0,) * count)
    with pytest.raises(ValueError, match='finite'):
        FisheyeLens((math.nan,) * 4)


SMALL = st.floats(-0.4, 0.4)
TINY = st.floats(-0.01, 0.01)
LENSES = st.one_of(
    st.builds(FisheyeLens, st.tuples(TINY, TINY, TINY, TINY)),
    st.builds(
        PolynomialLens,
        st.tuples(SMALL, SMALL, TINY, TINY, SMALL, TINY, TINY, TINY)
        | st.tuples(SMALL, SMALL, TINY, TINY, SMALL, *[TINY] * 9),
    ),
)


@given(LENSES, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_whatever_the_lens_a_ray_comes_back(lens: Lens, x: float, y: float) -> None:
    ray = np.array([x]), np.array([y])
    returned = lens.straighten(*bend(lens, *ray))
    # Beyond where it turns back, one place shows several rays.
    assume(np.isfinite(returned).all())
    np.testing.assert_allclose(bend(lens, *returned), bend(lens, *ray), atol=1e-7)
    if np.hypot(x, y) < 0.3:
        np.testing.assert_allclose(returned, ray, atol=1e-6)


@given(
    st.builds(PolynomialLens, st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 14))
    | st.builds(FisheyeLens, st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 4))
)
def test_any_numbers_give_rays_or_none(lens: Lens) -> None:
    x, y = lens.straighten(*SIGHTS)
    assert x.shape == y.shape == SIGHTS[0].shape
