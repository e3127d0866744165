# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Models of cameras: ``CameraInfo`` -> cameras of the core.

A message is untrusted: whatever its fields say, the only errors are those that are named.
"""

from __future__ import annotations

from dataclasses import replace
import math
from typing import NamedTuple

import numpy as np
from sensor_msgs.msg import CameraInfo

from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.errors import InvalidCameraError
from kosmos_ros.ros.conversions.lenses import lens_from_ros


class _Capture(NamedTuple):
    """
    Which pixels of the calibrated image are delivered: region of interest and binning.

    ``full_width`` and ``full_height`` are those of the calibrated image.
    """

    full_width: int
    full_height: int
    left: int
    top: int
    width: int
    height: int
    across: int
    down: int

    def is_whole(self) -> bool:
        """Tell whether the region is the whole image."""
        return (self.width, self.height) == (self.full_width, self.full_height)


def pinhole_from_ros(
    message: CameraInfo, *, rectified: bool, size: tuple[int, int] = (0, 0)
) -> PinholeCamera:
    """
    Read the model of a camera for the images it delivers: cut to its region, then binned.

    As in REP-104, K and D describe raw images and P rectified ones. Some drivers fill in only one
    of K and P; without distortion, either will do.

    :param rectified: whether the images are; if not, points are undistorted.
    :param size: width and height of the images, where the message leaves its own zero.
    :raises InvalidCameraError: if it is not calibrated, or its distortion or region cannot be
        handled.
    """
    lens = None if rectified else lens_from_ros(message)
    name, (fx, fy, cx, cy) = _matrix(message, 'P' if rectified else 'K')
    capture = _capture(message, size)
    try:
        full = PinholeCamera(fx, fy, cx, cy, capture.full_width, capture.full_height, lens)
    except ValueError as error:
        raise InvalidCameraError(f'the CameraInfo is not calibrated ({name}): {error}') from error
    if not message.width and not (0 <= cx < full.width and 0 <= cy < full.height):
        raise InvalidCameraError(
            f'the CameraInfo has no size, and the middle of its lens, ({cx:g}, {cy:g}), is not in '
            f'the image of {full.width}x{full.height} pixels'
        )
    if rectified and message.roi.do_rectify and not capture.is_whole():
        _require_same_pixels(message)
    return _delivered(full, capture)


def rectifying_changes(message: CameraInfo) -> bool:
    """Tell whether rectified images of a camera differ from its raw images."""
    try:
        is_straight = lens_from_ros(message) is None
    except InvalidCameraError:
        is_straight = False
    raw, rectified = _k(message), _p(message)
    return not is_straight or (any(raw) and any(rectified) and not np.allclose(raw, rectified))


def _k(message: CameraInfo) -> tuple[float, ...]:
    """Return fx, fy, cx and cy of raw images."""
    return tuple(float(message.k[place]) for place in (0, 4, 2, 5))


def _p(message: CameraInfo) -> tuple[float, ...]:
    """Return fx, fy, cx and cy of rectified images."""
    return tuple(float(message.p[place]) for place in (0, 5, 2, 6))


def _matrix(message: CameraInfo, wanted: str) -> tuple[str, tuple[float, ...]]:
    """Return fx, fy, cx and cy, and whether they are those of K or of P."""
    matrices = {'K': _k(message), 'P': _p(message)}
    other = 'P' if wanted == 'K' else 'K'
    chosen = wanted
    if not any(matrices[wanted][:2]) and any(matrices[other][:2]):
        if rectifying_changes(message):
            raise InvalidCameraError(
                f'the CameraInfo is not calibrated ({wanted} is zero), and {other} will not do '
                f'instead with the distortion model {message.distortion_model[:40]!r}'
            )
        chosen = other
    if not all(map(math.isfinite, matrices[chosen])):
        raise InvalidCameraError(f'the CameraInfo has a number in {chosen} that is not finite')
    return chosen, matrices[chosen]


def _capture(message: CameraInfo, size: tuple[int, int]) -> _Capture:
    """
    Return which pixels are delivered.

    :raises InvalidCameraError: if there can be no such image.
    """
    roi = message.roi
    across, down = max(1, message.binning_x), max(1, message.binning_y)
    full_width, full_height = message.width, message.height
    if not (full_width or full_height):
        full_width = roi.x_offset + (roi.width or size[0] * across)
        full_height = roi.y_offset + (roi.height or size[1] * down)
    width, height = (
        roi.width or full_width - roi.x_offset,
        roi.height or full_height - roi.y_offset,
    )
    right, bottom = roi.x_offset + width, roi.y_offset + height
    fits = across <= width <= right <= full_width and down <= height <= bottom <= full_height
    if full_width and full_height and not fits:
        raise InvalidCameraError(
            f'the CameraInfo of {full_width}x{full_height} pixels has a region of interest of '
            f'{width}x{height} at ({roi.x_offset}, {roi.y_offset}) and a binning of '
            f'{across}x{down}: no image is like that'
        )
    return _Capture(
        full_width, full_height, roi.x_offset, roi.y_offset, width, height, across, down
    )


def _require_same_pixels(message: CameraInfo) -> None:
    """
    Reject a region known in raw images, but not in rectified ones.

    Drivers that only crop say so, by ``do_rectify`` false: both are cut alike then.
    """
    if rectifying_changes(message):
        raise InvalidCameraError(
            'the CameraInfo has a region of interest of the raw image (do_rectify), and rectified '
            'images are cut to another one; have the camera deliver whole images'
        )


def _delivered(full: PinholeCamera, capture: _Capture) -> PinholeCamera:
    """Return a camera cut to its region of interest and binned."""
    # Pixels are counted from the centre of the first, which moves by binning.
    return replace(
        full,
        fx=full.fx / capture.across,
        fy=full.fy / capture.down,
        cx=(full.cx - capture.left + 0.5) / capture.across - 0.5,
        cy=(full.cy - capture.top + 0.5) / capture.down - 0.5,
        width=capture.width // capture.across,
        height=capture.height // capture.down,
    )
