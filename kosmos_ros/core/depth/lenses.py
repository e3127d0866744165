# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How lenses bend rays.

A lens maps a ray, (x / z, y / z) of what is seen, onto the same plane, where the camera's matrix
turns it into pixels. The formulas are those of OpenCV: ``calib3d`` ("Detailed Description", model
with up to 14 coefficients) and ``calib3d_fisheye``, that of Kannala and Brandt, "A generic camera
model and calibration method for conventional, wide-angle, and fish-eye lenses", PAMI 28(8), 2006.

Both are polynomials, which turn back beyond the angles that they were fitted to. A ray is found
only where they still rise, and is NaN elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Protocol

import numpy as np
from numpy.polynomial.polynomial import polyval
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Rays = tuple[FloatArray, FloatArray]

_STEPS = 20
"""Newton's method needs three or four."""
_CLOSE = 1e-9
_ANGLES = np.linspace(0.0, math.pi / 2, 2000)[:-1]
"""Range in which the polynomials are used; rays to the side or behind have no x / z."""


class Lens(Protocol):
    """A model of distortion."""

    def straighten(self, x: FloatArray, y: FloatArray) -> Rays:
        """
        Undo the distortion.

        :param x: distorted x / z, of the same shape as ``y``, the distorted y / z.
        :returns: x / z and y / z of the rays, NaN where there is none.
        """


@dataclass(frozen=True)
class PolynomialLens(Lens):
    """
    Radial, tangential, thin prism and tilted: k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4 tau_x tau_y.

    :param coefficients: the first 4, 5, 8, 12 or all 14 of them.
    """

    coefficients: tuple[float, ...]

    def __post_init__(self) -> None:
        """Reject coefficients that this lens cannot have."""
        _check(self.coefficients, POLYNOMIAL_COUNTS)

    def straighten(self, x: FloatArray, y: FloatArray) -> Rays:
        """Undo the distortion, by Newton's method."""
        with np.errstate(all='ignore'):
            x, y = _project(np.linalg.inv(self._tilt()).astype(np.float64), x, y)
            reach = np.tan(_ANGLES)
            bent = _rising(self._bend(reach, np.zeros_like(reach))[0])
            distance = np.hypot(x, y)
            start = np.interp(distance, bent, reach[: len(bent)])
            scale = np.divide(start, distance, out=np.ones_like(start), where=distance > 0)
            ray_x, ray_y = x * scale, y * scale
            for _ in range(_STEPS):
                bent_x, bent_y, (xx, xy), (yx, yy) = self._bend(ray_x, ray_y)
                off_x, off_y, area = bent_x - x, bent_y - y, xx * yy - xy * yx
                step_x, step_y = (yy * off_x - xy * off_y) / area, (xx * off_y - yx * off_x) / area
                ray_x, ray_y = ray_x - step_x, ray_y - step_y
                if not (np.hypot(step_x, step_y) > _CLOSE / 1000).any():
                    break
            bent_x, bent_y, *_ = self._bend(ray_x, ray_y)
            seen = np.hypot(bent_x - x, bent_y - y) < _CLOSE
            seen &= np.hypot(ray_x, ray_y) <= reach[len(bent) - 1]
        return np.where(seen, ray_x, np.nan), np.where(seen, ray_y, np.nan)

    def _bend(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, Rays, Rays]:
        """Distort rays, without tilt; return the derivatives of both by x and y as well."""
        k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4, *_ = self._all()
        r2 = x * x + y * y
        under = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
        rise = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / under
        bent_x = x * rise + 2 * p1 * x * y + p2 * (r2 + 2 * x * x) + r2 * (s1 + s2 * r2)
        bent_y = y * rise + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y + r2 * (s3 + s4 * r2)
        growth = k1 + r2 * (2 * k2 + 3 * r2 * k3) - rise * (k4 + r2 * (2 * k5 + 3 * r2 * k6))
        growth = 2 * growth / under
        mixed = x * y * growth + 2 * (p1 * x + p2 * y)
        prism_x, prism_y = 2 * s1 + 4 * s2 * r2, 2 * s3 + 4 * s4 * r2
        of_x = rise + x * x * growth + 2 * p1 * y + (6 * p2 + prism_x) * x, mixed + prism_x * y
        of_y = mixed + prism_y * x, rise + y * y * growth + 2 * p2 * x + (6 * p1 + prism_y) * y
        return bent_x, bent_y, of_x, of_y

    def _all(self) -> list[float]:
        return [*self.coefficients, *[0.0] * (14 - len(self.coefficients))]

    def _tilt(self) -> FloatArray:
        """Return the matrix (3, 3) of a sensor that is not square to the lens."""
        (sin_x, sin_y), (cos_x, cos_y) = np.sin(self._all()[12:]), np.cos(self._all()[12:])
        about_x = np.array([[1.0, 0.0, 0.0], [0.0, cos_x, sin_x], [0.0, -sin_x, cos_x]])
        about_y = np.array([[cos_y, 0.0, -sin_y], [0.0, 1.0, 0.0], [sin_y, 0.0, cos_y]])
        turn = about_y @ about_x
        onto = np.diag([turn[2, 2], turn[2, 2], 1.0])
        onto[:2, 2] = -turn[:2, 2]
        tilt: FloatArray = onto @ turn
        return tilt


@dataclass(frozen=True)
class FisheyeLens(Lens):
    """
    The angle to the axis counts, not its tangent: theta becomes theta (1 + k1 theta^2 + ...).

    Without coefficients the lens is exactly equidistant, which is no pinhole either.

    :param coefficients: none, or k1 k2 k3 k4.
    """

    coefficients: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Reject coefficients that this lens cannot have."""
        _check(self.coefficients, FISHEYE_COUNTS)

    def straighten(self, x: FloatArray, y: FloatArray) -> Rays:
        """Undo the distortion, by Newton's method."""
        with np.errstate(all='ignore'):
            distance = np.hypot(x, y)
            bent = _rising(self._bent(_ANGLES))
            angle = np.interp(distance, bent, _ANGLES[: len(bent)])
            for _ in range(_STEPS):
                step = (self._bent(angle) - distance) / self._slope(angle)
                angle = angle - step
                if not (np.abs(step) > _CLOSE / 1000).any():
                    break
            seen = np.abs(self._bent(angle) - distance) < _CLOSE
            seen &= angle <= _ANGLES[len(bent) - 1]
            reach = np.where(seen, np.tan(angle), np.nan)
            scale = np.divide(reach, distance, out=np.ones_like(reach), where=distance > 0)
        return x * scale, y * scale

    def _bent(self, angle: FloatArray) -> FloatArray:
        return angle * polyval(angle * angle, (1.0, *self.coefficients))

    def _slope(self, angle: FloatArray) -> FloatArray:
        terms = [(2 * power + 1) * k for power, k in enumerate((1.0, *self.coefficients))]
        return np.asarray(polyval(angle * angle, terms), dtype=np.float64)


POLYNOMIAL_COUNTS = (4, 5, 8, 12, 14)
FISHEYE_COUNTS = (0, 4)


def _check(coefficients: tuple[float, ...], counts: tuple[int, ...]) -> None:
    if len(coefficients) not in counts or not all(map(math.isfinite, coefficients)):
        expected = ', '.join(map(str, counts))
        raise ValueError(
            f'a lens needs {expected} finite coefficients, got {len(coefficients)}: {coefficients}'
        )


def _project(matrix: FloatArray, x: FloatArray, y: FloatArray) -> Rays:
    """Transform points of the plane z = 1 by a matrix (3, 3)."""
    over_x, over_y, under = np.einsum('ij,j...->i...', matrix, np.stack([x, y, np.ones_like(x)]))
    return over_x / under, over_y / under


def _rising(values: FloatArray) -> FloatArray:
    """Return the values (N,) up to the first that is not above the one before it."""
    falls = np.flatnonzero(~(np.diff(values) > 0))
    return values[: falls[0] + 1] if len(falls) else values
