# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The distortion model of a ``CameraInfo``.

The names of ``sensor_msgs/distortion_models.hpp`` are few, and drivers use others for the same
formulas; spaces, hyphens, underscores and capitals make no difference. A name that is not known is
refused even if all coefficients are zero: a fisheye lens without coefficients is no pinhole.
"""

from __future__ import annotations

import math
import re

from sensor_msgs.msg import CameraInfo

from kosmos_ros.core.depth.lenses import (
    FISHEYE_COUNTS,
    FisheyeLens,
    Lens,
    POLYNOMIAL_COUNTS,
    PolynomialLens,
)
from kosmos_ros.core.errors import InvalidCameraError
from kosmos_ros.core.texts import quoted

_POLYNOMIAL = frozenset(
    (
        *('plumbbob', 'rationalpolynomial', 'rational', 'thinprism', 'rationalthinprism'),
        *('tilted', 'tiltedthinprism', 'brown', 'brownconrady', 'radtan', 'radialtangential'),
        *('opencv', 'opencvpinhole'),
        # Calibration files without a name are read as plumb_bob by camera_calibration_parsers.
        '',
    )
)
_FISHEYE = frozenset(
    (
        *('equidistant', 'equi', 'fisheye', 'opencvfisheye', 'kannalabrandt', 'kannalabrandt4'),
        *('kannalabrandt8', 'kb', 'kb4', 'kb8'),
    )
)
_NONE = frozenset(('none', 'nodistortion', 'undistorted', 'pinhole', 'perspective'))
_VARIANTS = frozenset(('inversebrownconrady', 'modifiedbrownconrady'))
"""Of librealsense; its documents and its code do not agree on the formula, but zero is zero."""

_KNOWN = 'plumb_bob, rational_polynomial, equidistant, fisheye, brown_conrady, none'
_REMEDY = (
    "use rectified images, and set the camera's parameter rectified to true where their topics' "
    'names do not say so'
)


def lens_from_ros(message: CameraInfo) -> Lens | None:
    """
    Read the lens that raw images were taken through.

    :returns: None without distortion.
    :raises InvalidCameraError: if the model is unknown, or its coefficients do not fit it.
    """
    coefficients = tuple(float(value) for value in message.d)
    if not all(map(math.isfinite, coefficients)):
        raise InvalidCameraError('the CameraInfo has a number in D that is not finite')
    name = re.sub(r'[\W_]', '', message.distortion_model).lower()
    name = re.sub(r'^(rs2)?distortion', '', name)
    if name in _FISHEYE:
        return FisheyeLens(_fitting(message, coefficients, FISHEYE_COUNTS))
    if not any(coefficients) and name in _POLYNOMIAL | _NONE | _VARIANTS:
        return None
    if name in _POLYNOMIAL:
        return PolynomialLens(_fitting(message, coefficients, POLYNOMIAL_COUNTS))
    raise InvalidCameraError(_why_not(message, name))


def _fitting(
    message: CameraInfo, coefficients: tuple[float, ...], counts: tuple[int, ...]
) -> tuple[float, ...]:
    """Return as many coefficients as the model has; without zeros that fill up D."""
    longest = max((count for count in counts if count <= len(coefficients)), default=0)
    if longest in counts and not any(coefficients[longest:]):
        return coefficients[:longest]
    expected = ', '.join(map(str, counts))
    raise InvalidCameraError(
        f'expected {expected} distortion coefficients of the model '
        f'{message.distortion_model[:40]!r}, got {len(coefficients)}'
    )


def _why_not(message: CameraInfo, name: str) -> str:
    model = quoted(message.distortion_model)
    if name in _NONE:
        return f'the distortion model {model} has no coefficients, but D is not zero; {_REMEDY}'
    if name in _VARIANTS:
        return (
            f'the distortion model {model} has no formula that librealsense keeps to, and D is '
            f'not zero; {_REMEDY}'
        )
    return f'the distortion model {model} is none of {_KNOWN}; {_REMEDY}'
