# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The pinhole camera that a scene is seen through."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from kosmos_ros.sim.scenes.surroundings import CameraPose
from kosmos_ros.sim.surfaces.mesh import FloatArray


@dataclass(frozen=True, eq=False)
class CameraModel:
    """
    Pinhole camera without distortion; the optical frame has x right, y down, z forward (REP-103).

    ``fx``, ``fy``, ``cx``, ``cy``, ``width`` and ``height`` are in pixels; the centre of the
    upper left pixel is at (0.5, 0.5). ``position`` (3,) is in metres in the world, and the
    columns of ``rotation`` (3, 3) are the optical axes in the world:
    ``world = rotation @ optical + position``.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    position: FloatArray
    rotation: FloatArray

    @classmethod
    def from_pose(
        cls, pose: CameraPose, width: int, height: int, aspect: float | None = None
    ) -> CameraModel:
        """
        Return the camera at a pose.

        :param aspect: width through height of the view, by default ``width / height``; another
            one squashes the image, as resizing it would.
        """
        slope = np.tan(np.radians(pose.vertical_fov) / 2)
        return cls(
            fx=float(width / 2 / (slope * (aspect or width / height))),
            fy=float(height / 2 / slope),
            cx=width / 2,
            cy=height / 2,
            width=width,
            height=height,
            position=np.array(pose.position),
            rotation=_look_at(pose),
        )

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """``rotation`` as a unit quaternion x, y, z, w."""
        result = np.empty(4)
        mujoco.mju_mat2Quat(result, self.rotation.ravel())
        w, x, y, z = result.tolist()
        return x, y, z, w

    def to_optical(self, points: npt.ArrayLike) -> FloatArray:
        """Convert (..., 3) world points to the optical frame, metres."""
        return (np.asarray(points, dtype=np.float64) - self.position) @ self.rotation

    def project(self, points: npt.ArrayLike) -> FloatArray:
        """Return the pixels (..., 2) of (..., 3) world points in front of the camera."""
        optical = self.to_optical(points)
        return optical[..., :2] / optical[..., 2:] * [self.fx, self.fy] + [self.cx, self.cy]


def _look_at(pose: CameraPose) -> FloatArray:
    """Return the optical axes (columns) of a camera that looks at its target."""
    forward = np.subtract(pose.target, pose.position)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    cosine, sine = np.cos(np.radians(pose.roll)), np.sin(np.radians(pose.roll))
    return np.stack([cosine * right + sine * down, cosine * down - sine * right, forward], axis=1)
