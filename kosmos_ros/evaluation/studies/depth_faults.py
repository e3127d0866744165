# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Faults of a real depth camera, added to a perfect depth image.

The sizes are those of stereo and structured-light cameras at arm's length: noise that grows with
the square of the distance (Khoshelham and Oude Elberink, "Accuracy and resolution of Kinect depth
data", Sensors 12(2), 2012), steps of a millimetre, depths between near and far along edges, single
holes and whole patches of them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

_NOISE = 0.0023
"""Standard deviation in metres at a distance of one metre."""
_EDGE = 0.02
"""Metres between neighbours that make an edge."""
_MIXED = 0.5
"""Share of the pixels at edges that lie between near and far."""
_SINGLE_HOLES = 0.1
_PATCHES = 0.1
"""Shares of the image."""
_PATCH_SIZE = 4.0
"""Pixels."""
_FAR = 10.0
"""Metres that such a camera sees at most."""


def with_faults(
    depth: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """
    Return a depth image (H, W) in metres with faults; holes are 0, patches of them NaN.

    :param depth: (H, W) metres, infinite where nothing is.
    """
    shape = depth.shape
    clean = np.minimum(depth, _FAR).astype(np.float64)
    near, far = cv2.erode(clean, np.ones((3, 3))), cv2.dilate(clean, np.ones((3, 3)))
    mixed = (far - near > _EDGE) & (rng.random(shape) < _MIXED)
    faulty = np.where(mixed, near + rng.random(shape) * (far - near), clean)
    faulty += rng.normal(0.0, _NOISE, shape) * faulty**2
    faulty = np.round(faulty, 3)
    faulty[(rng.random(shape) < _SINGLE_HOLES) | (faulty < 0.0)] = 0.0
    clouds = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), _PATCH_SIZE)
    faulty[clouds > np.quantile(clouds, 1.0 - _PATCHES)] = np.nan
    faulty[depth > _FAR] = 0.0
    return faulty.astype(np.float32)
