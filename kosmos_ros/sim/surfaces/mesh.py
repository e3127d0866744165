# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Triangle meshes from a profile, an outline or a path, and their turns.

All surfaces are closed and wind counter-clockwise seen from outside. Vertices are doubled where
an edge is meant to look sharp, because the renderer shades smoothly across shared ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CREASE_COSINE = float(np.cos(np.radians(35.0)))
"""Profile segments that meet at a sharper angle than this get an edge between them."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """``vertices`` (N, 3) and ``faces`` (M, 3), three vertex indices each."""

    vertices: FloatArray
    faces: IntArray

    @property
    def volume(self) -> float:
        """Enclosed volume; positive when the faces wind outwards."""
        a, b, c = (self.vertices[self.faces[:, corner]] for corner in range(3))
        return float(np.einsum('ij,ij->', a, np.cross(b, c)) / 6.0)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest corner of the axis-aligned bounds, (3,) each."""
        return self.vertices.min(axis=0), self.vertices.max(axis=0)

    def moved(self, offset: npt.ArrayLike) -> Mesh:
        """Return the mesh shifted by ``offset`` (3,)."""
        return Mesh(self.vertices + np.asarray(offset, dtype=np.float64), self.faces)


def turn(yaw: float) -> FloatArray:
    """Return the (3, 3) matrix of a turn around the z axis, radians."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def join(meshes: Sequence[Mesh]) -> Mesh:
    """Return one mesh that holds all surfaces of ``meshes``."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
    )


def extrude(outline: npt.ArrayLike, height: float) -> Mesh:
    """
    Raise a flat outline from z = 0 to ``height``.

    :param outline: (N, 2) counter-clockwise, star-shaped around its mean.
    """
    corners = np.asarray(outline, dtype=np.float64)
    count = len(corners)
    low = np.column_stack([corners, np.zeros(count)])
    high = np.column_stack([corners, np.full(count, height)])
    here, following = np.arange(count), (np.arange(count) + 1) % count
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    sides = [
        Mesh(np.stack([low[i], low[j], high[j], high[i]]), quad)
        for i, j in zip(here, following, strict=True)
    ]
    low_center = [*corners.mean(axis=0), 0.0]
    high_center = [*corners.mean(axis=0), height]
    hub = np.full(count, count)
    top = Mesh(np.vstack([high, high_center]), np.stack([here, following, hub], axis=1))
    bottom = Mesh(np.vstack([low, low_center]), np.stack([following, here, hub], axis=1))
    return join([*sides, top, bottom])


def revolve(profile: npt.ArrayLike, sectors: int = 36) -> Mesh:
    """
    Turn a profile around the z axis.

    :param profile: (N, 2) of radius and z, from the axis at the bottom, up the outside, and back
        to the axis.
    """
    points = np.asarray(profile, dtype=np.float64)
    runs = _smooth_runs(np.diff(points, axis=0))
    return join([_revolve_run(points[start : stop + 1], sectors) for start, stop in runs])


def tube(
    path: npt.ArrayLike, radius: npt.ArrayLike, sides: int = 16, closed: bool = False
) -> Mesh:
    """
    Sweep a circle along a planar path.

    :param path: (N, 3) points; a closed path does not repeat its first point.
    :param radius: one radius, or one for each point.
    """
    points = np.asarray(path, dtype=np.float64)
    count = len(points)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (count,))
    across, upwards = _cross_sections(points, closed)
    angle = np.arange(sides) * 2 * np.pi / sides
    circle = np.cos(angle)[None, :, None] * across[:, None] + (
        np.sin(angle)[None, :, None] * upwards[:, None]
    )
    vertices = (points[:, None] + radii[:, None, None] * circle).reshape(-1, 3)
    rings = np.arange(count * sides).reshape(count, sides)
    if closed:
        return _outwards(Mesh(vertices, _stitch(np.vstack([rings, rings[:1]]))))
    here, following = np.arange(sides), (np.arange(sides) + 1) % sides
    start = np.stack([following, here, np.full(sides, len(vertices))], axis=1)
    last = rings[-1, 0]
    end = np.stack([last + here, last + following, np.full(sides, len(vertices) + 1)], axis=1)
    vertices = np.vstack([vertices, points[0], points[-1]])
    return _outwards(Mesh(vertices, np.concatenate([_stitch(rings), start, end])))


def _outwards(mesh: Mesh) -> Mesh:
    """Flip a closed surface that winds inwards."""
    return mesh if mesh.volume > 0 else Mesh(mesh.vertices, mesh.faces[:, ::-1])


def _stitch(rings: IntArray) -> IntArray:
    """Return the triangles between neighbouring rows of (K, N) vertex indices, rows closed."""
    low, high = rings[:-1], rings[1:]
    low_next, high_next = np.roll(low, -1, axis=1), np.roll(high, -1, axis=1)
    lower = np.stack([low, low_next, high_next], axis=-1)
    upper = np.stack([low, high_next, high], axis=-1)
    return np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)])


def _cross_sections(points: FloatArray, closed: bool) -> tuple[FloatArray, FloatArray]:
    """Return two unit vectors per point that span the plane across the path."""
    if closed:
        tangents = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        tangents = np.gradient(points, axis=0)
    tangents = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    normal = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][2]
    across = np.cross(normal, tangents)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return across, np.cross(tangents, across)


def _smooth_runs(segments: FloatArray) -> list[tuple[int, int]]:
    """Return (first, last) point indices of the stretches of a profile that have no crease."""
    lengths = np.linalg.norm(segments, axis=1)
    cosines = np.einsum('ij,ij->i', segments[:-1], segments[1:]) / (lengths[:-1] * lengths[1:])
    creases = [int(k) + 1 for k in np.flatnonzero(cosines <= _CREASE_COSINE)]
    return list(zip([0, *creases], [*creases, len(segments)], strict=True))


def _revolve_run(points: FloatArray, sectors: int) -> Mesh:
    """Turn one creaseless stretch of a profile; points on the axis close it."""
    angle = np.arange(sectors) * 2 * np.pi / sectors
    radii, heights = points[:, :1], points[:, 1:]
    vertices = np.stack(
        np.broadcast_arrays(radii * np.cos(angle), radii * np.sin(angle), heights), axis=-1
    ).reshape(-1, 3)
    faces = _stitch(np.arange(len(vertices)).reshape(len(points), sectors))
    # A point on the axis keeps one vertex per sector: a single one, shared by all sectors, would
    # get an averaged normal and shade as a pinched tip. Triangles between two such are empty.
    corners = vertices[faces]
    doubled = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    return Mesh(vertices, faces[doubled > 1e-12])
