# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Depth images and camera models: ROS messages -> arrays and cameras of the core.

A message is untrusted: whatever its fields say, the only errors are those that are named, and the
sizes are checked before a pixel is touched. Depths are as in REP-118: ``32FC1`` in metres, or
``16UC1`` (which some drivers call ``mono16``) in millimetres with 0 where nothing was measured,
unless the camera has units of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import cv2
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CameraInfo, Image

from kosmos_ros.core.errors import InvalidCameraError, InvalidImageError
from kosmos_ros.core.image_layout import check_data, check_size
from kosmos_ros.core.pinhole import FloatArray, PinholeCamera

_ITEM_TYPES = {'16UC1': 'u2', 'mono16': 'u2', '32FC1': 'f4'}
_FARTHEST = 100.0
"""Metres; if half of an image is farther away, its numbers are hardly metres."""
_ENOUGH = 4096
"""Pixels that tell how far away things are."""
_POLYNOMIAL = ('plumb_bob', 'rational_polynomial')
_COEFFICIENTS = (4, 5, 8, 12, 14)
"""Lengths of D that OpenCV knows."""


@dataclass(frozen=True)
class DistortedCamera(PinholeCamera):
    """A camera whose lens distorts: coefficients (k1, k2, p1, p2, k3, ...) as OpenCV has them."""

    distortion: tuple[float, ...]

    def rays(self, columns: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return x / z and y / z of what is seen at pixels; all arrays have the same shape."""
        matrix = np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])
        pixels = np.stack([columns, rows], axis=-1, dtype=np.float64).reshape(-1, 1, 2)
        undistorted = cv2.undistortPoints(pixels, matrix, np.array(self.distortion))
        x, y = undistorted.reshape(-1, 2).T.astype(np.float64)
        return x.reshape(columns.shape), y.reshape(columns.shape)


def depth_from_ros(message: Image, scale: float = 0.0) -> npt.NDArray[np.float32]:
    """
    Read a depth image.

    :param scale: metres for each unit; 0: what the encoding says.
    :returns: (H, W) metres, of its own memory or the message's; 0 or not finite in holes.
    :raises InvalidImageError: if it is no depth image, its fields do not fit each other, or it
        plainly is not in metres as it should be.
    """
    item_type = _ITEM_TYPES.get(message.encoding)
    if item_type is None:
        raise InvalidImageError(
            f'the encoding {message.encoding[:40]!r} is no depth; expected 16UC1 or mono16 '
            f'(millimetres), or 32FC1 (metres)'
        )
    item_size = int(item_type[1])
    check_size(message, 'depth image')
    check_data(message, message.width * item_size, message.height)
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    items = rows[:, : message.width * item_size].view(
        ('>' if message.is_bigendian else '<') + item_type
    )
    if item_size == 2:
        return items * np.float32(scale or 0.001)
    depth = np.require(items, np.float32, 'A')
    if scale:
        return depth * np.float32(scale)
    _check_metres(depth)
    return depth


def _check_metres(depth: npt.NDArray[np.float32]) -> None:
    """Refuse what plainly is in millimetres, which some drivers send against REP-118."""
    step = max(1, math.isqrt(depth.size // _ENOUGH))
    some = depth[::step, ::step]
    valid = some[np.isfinite(some) & (some > 0.0)]
    median = float(np.median(valid)) if valid.size else 0.0
    if median > _FARTHEST:
        raise InvalidImageError(
            f'half of the depth image would be farther away than {median:.0f} m, expected 32FC1 '
            f"in metres; if these are millimetres, set the camera's parameter depth_scale to "
            f'0.001, if they are metres, to 1.0'
        )


def pinhole_from_ros(message: CameraInfo, *, rectified: bool) -> PinholeCamera:
    """
    Read the model of a camera, as it delivers images: cut to its region, then binned.

    As REP-104 has it, K and D describe raw images and P rectified ones.

    :param rectified: whether the images are; else points are undistorted where D is not zero.
    :raises InvalidCameraError: if it is not calibrated, or its distortion or region cannot be
        handled.
    """
    _check_finite(message)
    if rectified:
        _refuse_region(message)
        fx, fy, cx, cy = message.p[0], message.p[5], message.p[2], message.p[6]
    else:
        fx, fy, cx, cy = message.k[0], message.k[4], message.k[2], message.k[5]
    try:
        full = PinholeCamera(fx, fy, cx, cy, message.width, message.height)
    except ValueError as error:
        name = 'P' if rectified else 'K'
        raise InvalidCameraError(f'the CameraInfo is not calibrated ({name}): {error}') from error
    camera = _delivered(full, message)
    distortion = tuple(float(value) for value in message.d)
    if rectified or not any(distortion):
        return camera
    _check_distortion(message.distortion_model, distortion)
    return DistortedCamera(**vars(camera), distortion=distortion)


def _check_finite(message: CameraInfo) -> None:
    for name, values in (('K', message.k), ('P', message.p), ('D', message.d)):
        if not all(map(math.isfinite, values)):
            raise InvalidCameraError(f'the CameraInfo has a number in {name} that is not finite')


def _refuse_region(message: CameraInfo) -> None:
    if any(_region(message)):
        raise InvalidCameraError(
            'the CameraInfo has a region of interest, which rectified images cannot be cut to; '
            'have the camera deliver whole images'
        )


def _region(message: CameraInfo) -> tuple[int, int, int, int]:
    roi = message.roi
    return roi.x_offset, roi.y_offset, roi.width, roi.height


def _delivered(full: PinholeCamera, message: CameraInfo) -> PinholeCamera:
    """Return what is left of a camera after its region of interest and its binning."""
    left, top, width, height = _region(message)
    width, height = width or full.width - left, height or full.height - top
    across, down = max(1, message.binning_x), max(1, message.binning_y)
    if width < across or height < down or left + width > full.width or top + height > full.height:
        raise InvalidCameraError(
            f'the CameraInfo of {full.width}x{full.height} pixels has a region of interest of '
            f'{width}x{height} at ({left}, {top}) and a binning of {across}x{down}: '
            f'no image is like that'
        )
    # Pixels are counted from the centre of the first, which binning moves.
    return PinholeCamera(
        fx=full.fx / across,
        fy=full.fy / down,
        cx=(full.cx - left + 0.5) / across - 0.5,
        cy=(full.cy - top + 0.5) / down - 0.5,
        width=width // across,
        height=height // down,
    )


def _check_distortion(model: str, coefficients: tuple[float, ...]) -> None:
    if model not in _POLYNOMIAL:
        raise InvalidCameraError(
            f'the distortion model {model[:40]!r} is none of {", ".join(_POLYNOMIAL)}; '
            f'use rectified images'
        )
    if len(coefficients) not in _COEFFICIENTS:
        expected = ', '.join(map(str, _COEFFICIENTS))
        raise InvalidCameraError(
            f'expected {expected} distortion coefficients, got {len(coefficients)}'
        )
