# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Poses of frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kosmos_ros.core.depth.lenses import FloatArray


@dataclass(frozen=True, eq=False)
class Placement:
    """
    Pose of a frame in another one.

    ``rotation`` (3, 3) turns its axes into the other's, ``quaternion`` (x, y, z, w) is the same
    turn, ``translation`` (3,) its origin in the other, metres.
    """

    rotation: FloatArray
    quaternion: tuple[float, float, float, float]
    translation: FloatArray

    def point(self, point: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return a point in the other frame."""
        x, y, z = (self.rotation @ point + self.translation).tolist()
        return x, y, z


IN_PLACE = Placement(np.eye(3), (0.0, 0.0, 0.0, 1.0), np.zeros(3))
