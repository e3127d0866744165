# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Unnamed things on the table: flat sheets and thin sticks in muted colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kosmos_ros.sim.scenes.surroundings import Surroundings, Vector
from kosmos_ros.sim.surfaces.mesh import FloatArray
from kosmos_ros.sim.vocabulary import color_distance, Rgb

_SHEET_THICKNESS = 0.0006


@dataclass(frozen=True)
class Clutter:
    """
    A cuboid of ``half_size`` (metres) at ``position`` (its middle, world), turned by ``yaw``.

    Sheets are flat enough to lie under objects; sticks need a place of their own.
    """

    is_stick: bool
    rgb: Rgb
    half_size: Vector
    position: Vector
    yaw: float

    @property
    def rotation(self) -> FloatArray:
        """(3, 3) matrix that turns its own axes into world axes."""
        cosine, sine = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])

    @property
    def vertices(self) -> FloatArray:
        """(8, 3) corners in the world, metres."""
        signs = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), axis=-1).reshape(-1, 3)
        return (signs * self.half_size) @ self.rotation.T + self.position


def sample_clutter(rng: np.random.Generator, surroundings: Surroundings) -> tuple[Clutter, ...]:
    """Draw up to two sheets and up to two sticks, all of them on the table."""
    table = surroundings.table.rgb
    sheets = [_sample_sheet(rng, table, layer) for layer in range(int(rng.integers(0, 3)))]
    sticks = [_sample_stick(rng, table) for _ in range(int(rng.integers(0, 3)))]
    return tuple(
        item for item in [*sheets, *sticks] if _is_on_table(item, surroundings.table_half_size)
    )


def _sample_sheet(rng: np.random.Generator, table: Rgb, layer: int) -> Clutter:
    # Sheets that overlap lie at different heights: faces in one plane would flicker.
    half_height = _SHEET_THICKNESS * (1 + layer)
    return _lay_down(
        rng, table, (rng.uniform(0.05, 0.15), rng.uniform(0.05, 0.15), half_height), is_stick=False
    )


def _sample_stick(rng: np.random.Generator, table: Rgb) -> Clutter:
    radius = rng.uniform(0.003, 0.005)
    return _lay_down(rng, table, (rng.uniform(0.05, 0.11), radius, radius), is_stick=True)


def _lay_down(rng: np.random.Generator, table: Rgb, half_size: Vector, is_stick: bool) -> Clutter:
    x, y = rng.normal(0, (0.2, 0.15))
    width, depth, height = (float(value) for value in half_size)
    return Clutter(
        is_stick=is_stick,
        rgb=_sample_muted_rgb(rng, table),
        half_size=(width, depth, height),
        position=(float(x), float(y), height),
        yaw=float(rng.uniform(0, np.pi)),
    )


def _sample_muted_rgb(rng: np.random.Generator, table: Rgb) -> Rgb:
    """Draw a greyish colour near enough to the table's not to rule out object colours."""
    for _ in range(20):
        red, green, blue = (rng.uniform(0.4, 0.85) * rng.uniform(0.93, 1.07, 3)).tolist()
        if color_distance((red, green, blue), table) < 25:
            return red, green, blue
    return table


def _is_on_table(item: Clutter, table_half_size: tuple[float, float]) -> bool:
    return bool((np.abs(item.vertices[:, :2]) < table_half_size).all())
