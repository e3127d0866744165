# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The names that lenses go by."""

from __future__ import annotations

import math

import pytest
from sensor_msgs.msg import CameraInfo

from kosmos_ros.core.depth.lenses import FisheyeLens, PolynomialLens
from kosmos_ros.core.errors import InvalidCameraError
from kosmos_ros.ros.conversions.lenses import lens_from_ros

FOUR, FIVE = (0.1, -0.05, 0.001, 0.002), (0.1, -0.05, 0.001, 0.002, 0.01)
FOURTEEN = (*FIVE, 0.02, 0.01, 0.0, 0.001, 0.0, 0.002, 0.0, 0.03, -0.01)


def lens(name: str, *coefficients: float) -> object:
    return lens_from_ros(CameraInfo(distortion_model=name, d=coefficients))


@pytest.mark.parametrize(
    'name',
    [
        *('plumb_bob', 'Plumb_Bob', 'plumb bob', 'rational_polynomial', 'RationalPolynomial'),
        *('thin_prism', 'tilted', 'radtan', 'brown_conrady', 'distortion.brown_conrady', ''),
    ],
)
@pytest.mark.parametrize('coefficients', [FOUR, FIVE, FOURTEEN[:8], FOURTEEN[:12], FOURTEEN])
def test_polynomials_have_many_names(name: str, coefficients: tuple[float, ...]) -> None:
    assert lens(name, *coefficients) == PolynomialLens(coefficients)
    assert lens(name, *[0.0] * len(coefficients)) is None
    assert lens(name) is None


@pytest.mark.parametrize(
    'name',
    [
        *('equidistant', 'Equidistant', 'fisheye', 'equi', 'kannala_brandt', 'kannala_brandt4'),
        *('Kannala Brandt4', 'RS2_DISTORTION_KANNALA_BRANDT4'),
    ],
)
def test_a_fisheye_is_one_without_coefficients_too(name: str) -> None:
    assert lens(name, *FOUR) == FisheyeLens(FOUR)
    assert lens(name, *FOUR, 0.0) == FisheyeLens(FOUR)
    assert lens(name, *[0.0] * 4) == FisheyeLens((0.0,) * 4)
    assert lens(name) == FisheyeLens()
    with pytest.raises(InvalidCameraError, match=r'expected 0, 4 .* got 5'):
        lens(name, *FIVE)


@pytest.mark.parametrize(
    'name', ['none', 'pinhole', 'inverse_brown_conrady', 'Modified Brown-Conrady']
)
def test_names_that_are_good_only_for_zeros(name: str) -> None:
    assert lens(name, *[0.0] * 5) is None
    assert lens(name) is None
    with pytest.raises(InvalidCameraError, match=f"model '{name}' has no .* use rectified"):
        lens(name, *FIVE)


@pytest.mark.parametrize('name', ['ftheta', 'omnidirectional', 'double_sphere', 'fov', 'ünknown'])
@pytest.mark.parametrize('d', [(0.0,) * 4, FOUR, ()])
def test_other_names_are_refused_by_name(name: str, d: tuple[float, ...]) -> None:
    with pytest.raises(InvalidCameraError, match=f"model '{name}' is none of plumb_bob,"):
        lens(name, *d)


def test_zeros_that_fill_up_are_no_coefficients() -> None:
    assert lens('plumb_bob', *FIVE, 0.0, 0.0) == PolynomialLens(FIVE)
    with pytest.raises(InvalidCameraError, match=r'expected 4, 5, 8, 12, 14 .* got 7'):
        lens('plumb_bob', *FIVE, 0.0, 0.1)
    with pytest.raises(InvalidCameraError, match='number in D that is not finite'):
        lens('plumb_bob', math.nan)
