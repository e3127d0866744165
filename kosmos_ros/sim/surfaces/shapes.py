# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The mesh of every shape, in mesh units: centred on the z axis, resting on z = 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from kosmos_ros.sim.surfaces.mesh import extrude, FloatArray, join, Mesh, revolve, tube


def _arc(start: float, stop: float, count: int) -> FloatArray:
    """Return ``count`` points (x, y) of the unit circle between two angles in degrees."""
    angle = np.linspace(np.radians(start), np.radians(stop), count)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _block(width: float, depth: float, height: float) -> Mesh:
    x, y = width / 2, depth / 2
    return extrude([[-x, -y], [x, -y], [x, y], [-x, y]], height)


def _ball() -> Mesh:
    profile = 0.5 * _arc(-90, 90, 21) + [0.0, 0.5]
    profile[[0, -1], 0] = 0.0
    return revolve(profile)


def _bottle() -> Mesh:
    body = [(0, 0), (0.30, 0), (0.32, 0.03), (0.32, 0.95), (0.30, 1.07), (0.24, 1.19)]
    neck = [(0.15, 1.30), (0.12, 1.40), (0.12, 1.62), (0.15, 1.62), (0.15, 1.76), (0, 1.76)]
    return revolve(body + neck)


def _bowl() -> Mesh:
    foot, wall, height, thickness = 0.30, 0.32, 0.42, 0.045
    curve = _arc(-90, 0, 12)
    outside = curve * [wall, height] + [foot, height]
    inside = curve * [wall - thickness, height - thickness] + [foot, height]
    return revolve(np.vstack([[0, 0], outside, inside[::-1], [0, thickness]]), sectors=40)


def _plate() -> Mesh:
    under = [(0, 0), (0.45, 0), (0.50, 0.02), (0.78, 0.11), (0.80, 0.12), (0.79, 0.14)]
    over = [(0.76, 0.14), (0.50, 0.06), (0.45, 0.05), (0, 0.05)]
    return revolve(under + over, sectors=48)


def _mug() -> Mesh:
    cup = [(0, 0), (0.36, 0), (0.40, 0.04), (0.40, 0.95), (0.345, 0.95), (0.345, 0.07), (0, 0.07)]
    curve = _arc(-90, 90, 14) * [0.27, 0.28] + [0.38, 0.50]
    handle = np.column_stack([curve[:, 0], np.zeros(len(curve)), curve[:, 1]])
    return join([revolve(cup), tube(handle, 0.055, sides=12)])


def _ring() -> Mesh:
    center_line = 0.42 * _arc(0, 360, 41)[:-1]
    return tube(np.column_stack([center_line, np.full(40, 0.14)]), 0.14, sides=18, closed=True)


def _star() -> Mesh:
    corner = np.arange(10)
    radius = np.where(corner % 2, 0.27, 0.62)
    angle = np.pi / 2 + corner * np.pi / 5
    return extrude(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), 0.30)


def _banana() -> Mesh:
    count = 22
    along = np.linspace(-1, 1, count)
    radius = 0.17 * (1 - np.abs(along) ** 4.5).clip(0, 1) ** 0.6 + 0.035
    path = np.column_stack([0.8 * _arc(200, 340, count), np.full(count, radius.max())])
    return tube(path, radius, sides=12)


_BUILDERS: Mapping[str, Callable[[], Mesh]] = {
    'cube': lambda: _block(1.0, 1.0, 1.0),
    'ball': _ball,
    'cylinder': lambda: revolve([(0, 0), (0.4, 0), (0.4, 1.1), (0, 1.1)]),
    'cone': lambda: revolve([(0, 0), (0.5, 0), (0, 1.2)]),
    'mug': _mug,
    'bottle': _bottle,
    'bowl': _bowl,
    'box': lambda: _block(1.5, 1.0, 0.45),
    'ring': _ring,
    'star': _star,
    'plate': _plate,
    'banana': _banana,
}


@cache
def shape_mesh(shape: str) -> Mesh:
    """
    Return the mesh of a shape of ``vocabulary.SHAPES``.

    A mug is centred on its cup and its handle points along +x.

    :raises KeyError: if there is no such shape.
    """
    mesh = _BUILDERS[shape]()
    low, high = mesh.bounds
    center = (low + high) / 2
    if shape == 'mug':
        center[:2] = 0.0
    return mesh.moved([-center[0], -center[1], -low[2]])
