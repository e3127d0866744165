# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Planes in a cloud of points: tables, shelves, floors and walls that objects stand on or before.

RANSAC as in Fischler and Bolles, "Random Sample Consensus", CACM 24(6), 1981, refined by a
least-squares fit to the inliers. The random choices are the same in every call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.depth.lenses import FloatArray

_TRIALS = 80
"""With half of the points on a plane, all of them miss it once in 40 000 times."""
_SCORED = 800
"""Points that trials are judged by."""
_FEWEST = 20
"""Points that make a plane."""


@dataclass(frozen=True, eq=False)
class Plane:
    """
    The points with ``normal @ point == offset``, metres; the camera is on the positive side.

    ``normal`` (3,) has length 1. Points within ``tolerance`` metres are taken to lie in it.
    """

    normal: FloatArray
    offset: float
    tolerance: float

    def heights(self, points: FloatArray) -> FloatArray:
        """Return how far points (..., 3) stand out towards the camera, (...) metres."""
        heights: FloatArray = points @ self.normal - self.offset
        return heights


def find_planes(points: FloatArray, noise: float, share: float, most: int) -> Iterator[Plane]:
    """
    Yield at most ``most`` planes of points (N, 3), metres, the one with the most points first.

    :param noise: deviation in metres that points of a plane may show.
    :param share: of the N points that a plane must hold.
    """
    rng = np.random.default_rng(0)
    needed = max(_FEWEST, share * len(points))
    for _ in range(most):
        if len(points) < needed:
            return
        plane = _fit(points, noise, rng)
        if plane is None:
            return
        held = np.abs(plane.heights(points)) < plane.tolerance
        if np.count_nonzero(held) < needed:
            return
        yield plane
        points = points[~held]


def _fit(points: FloatArray, noise: float, rng: np.random.Generator) -> Plane | None:
    trial = _best_trial(points, noise, rng)
    if trial is None:
        return None
    normal, offset = trial
    for _ in range(2):
        held = points[np.abs(points @ normal - offset) < noise]
        if len(held) < _FEWEST:
            return None
        middle = held.mean(axis=0)
        normal = np.linalg.svd(held - middle, full_matrices=False)[2][2]
        offset = float(normal @ middle)
    if offset > 0.0:
        normal, offset = -normal, -offset
    # 1.4826: the standard deviation by the median of normally distributed residuals.
    deviation = 1.4826 * float(np.median(np.abs(held @ normal - offset)))
    return Plane(normal, offset, float(np.clip(3 * deviation + 0.0015, 0.0025, 3 * noise)))


def _best_trial(
    points: FloatArray, noise: float, rng: np.random.Generator
) -> tuple[FloatArray, float] | None:
    """Return the plane through three of the points that is close to most, None if all line up."""
    judges = points[rng.integers(len(points), size=_SCORED)]
    corners = points[rng.integers(len(points), size=(_TRIALS, 3))]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    # Three points in a line, or one taken twice, give no plane: its zeros hold every point at
    # distance 0, so they are left out.
    lengths[lengths < 1e-12] = np.inf
    normals /= lengths[:, None]
    offsets: FloatArray = np.einsum('ij,ij->i', normals, corners[:, 0])
    close: npt.NDArray[np.bool_] = np.abs(judges @ normals.T - offsets) < noise
    votes = np.where(np.isinf(lengths), -1, close.sum(axis=0))
    best = int(votes.argmax())
    if votes[best] < 0:
        return None
    return normals[best], float(offsets[best])
