# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Unnamed objects on the table: flat sheets and thin sticks in muted colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kosmos_ros.sim.scenes.surroundings import Surroundings, Vector, vector
from kosmos_ros.sim.surfaces.mesh import FloatArray, turn
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
        return turn(self.yaw)

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
    half_size = surroundings.table_half_size
    return tuple(
        item for item in [*sheets, *sticks] if (np.abs(item.vertices[:, :2]) < half_size).all()
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
    return Clutter(
        is_stick=is_stick,
        rgb=_sample_muted_rgb(rng, table),
        half_size=vector(half_size),
        position=vector([x, y, half_size[2]]),
        yaw=float(rng.uniform(0, np.pi)),
    )


def _sample_muted_rgb(rng: np.random.Generator, table: Rgb) -> Rgb:
    """Draw a greyish colour near enough to the table's not to rule out object colours."""
    for _ in range(20):
        rgb = vector(rng.uniform(0.4, 0.85) * rng.uniform(0.93, 1.07, 3))
        if color_distance(rgb, table) < 25:
            return rgb
    return table
