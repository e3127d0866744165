# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Table, floor, wall, lights and camera of a scene, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kosmos_ros.sim.surfaces.textures import TEXTURE_COUNT
from kosmos_ros.sim.vocabulary import Rgb

Vector = tuple[float, float, float]

FLOOR_Z = -0.7
"""Height of the floor below the table's top in metres."""

# Muted, so that every object colour differs from most tables.
_TABLE_COLORS: tuple[Rgb, ...] = (
    (0.80, 0.64, 0.46),
    (0.62, 0.45, 0.30),
    (0.90, 0.88, 0.84),
    (0.72, 0.72, 0.72),
    (0.42, 0.43, 0.45),
    (0.62, 0.68, 0.72),
    (0.82, 0.78, 0.68),
    (0.50, 0.56, 0.50),
    (0.93, 0.93, 0.93),
    (0.70, 0.60, 0.58),
    (0.36, 0.38, 0.42),
    (0.40, 0.33, 0.28),
)


@dataclass(frozen=True)
class Surface:
    """Colour (0..1), pattern of the texture bank, and how often it repeats along each side."""

    rgb: Rgb
    texture: int
    repeat: float


@dataclass(frozen=True)
class Lights:
    """
    Lights of a scene; intensities are fractions of full white.

    ``ambient`` falls on everything, ``headlight`` comes from the camera, ``key`` (per colour
    channel) from a spot light at ``key_position`` (metres, world) aimed at the table's middle,
    ``fill`` from the horizontal direction ``fill_azimuth`` (radians), slightly from above.
    """

    ambient: float
    headlight: float
    key: Rgb
    key_position: Vector
    key_shadow: bool
    fill: float
    fill_azimuth: float


@dataclass(frozen=True)
class CameraPose:
    """Camera at ``position`` looking at ``target`` (metres, world); angles in degrees."""

    position: Vector
    target: Vector
    vertical_fov: float
    roll: float


@dataclass(frozen=True)
class Surroundings:
    """Everything but the objects on the table; half sizes and distances in metres."""

    table: Surface
    table_half_size: tuple[float, float]
    floor: Surface
    wall: Surface
    wall_y: float
    lights: Lights
    camera: CameraPose


def sample_surroundings(rng: np.random.Generator) -> Surroundings:
    """Draw surroundings under which the colours of objects keep their names."""
    lights = _sample_lights(rng)
    wall_y = behind_light(rng.uniform(0.75, 2.2), lights)
    return Surroundings(
        table=_sample_table(rng),
        table_half_size=(float(rng.uniform(0.5, 0.9)), float(rng.uniform(0.42, 0.7))),
        floor=_sample_surface(rng, 0.30, 0.75, repeats=(8.0, 30.0)),
        wall=_sample_surface(rng, 0.50, 0.95, repeats=(3.0, 16.0)),
        wall_y=wall_y,
        lights=lights,
        camera=_sample_camera(rng),
    )


def behind_light(wall_y: float, lights: Lights) -> float:
    """Return where a wall may stand: between key light and table it would shade all of it."""
    return float(max(wall_y, lights.key_position[1] + 0.35))


def vector(values: npt.ArrayLike) -> Vector:
    """Return (3,) numbers, such as a colour, as Python's own."""
    x, y, z = np.asarray(values, dtype=np.float64).tolist()
    return x, y, z


def _rgb(values: npt.ArrayLike, low: float = 0.0, high: float = 1.0) -> Rgb:
    return vector(np.clip(values, low, high))


def _sample_table(rng: np.random.Generator) -> Surface:
    base = np.array(_TABLE_COLORS[rng.integers(len(_TABLE_COLORS))])
    color = base * rng.uniform(0.9, 1.08) + rng.normal(0, 0.02, 3)
    return Surface(
        _rgb(color, 0.3, 0.97), int(rng.integers(TEXTURE_COUNT)), float(rng.uniform(1, 5))
    )


def _sample_surface(
    rng: np.random.Generator, darkest: float, brightest: float, repeats: tuple[float, float]
) -> Surface:
    color = rng.uniform(darkest, brightest) * rng.uniform(0.9, 1.1, 3)
    return Surface(_rgb(color), int(rng.integers(TEXTURE_COUNT)), float(rng.uniform(*repeats)))


def _sample_lights(rng: np.random.Generator) -> Lights:
    # The lights sum to about 1 on a face that looks up, and the darkest side keeps about half:
    # with less ambient light sides go black and orange turns brown.
    azimuth, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1.1)
    tint = 1 + rng.normal(0, 0.025, 3)
    return Lights(
        ambient=float(rng.uniform(0.50, 0.62)),
        headlight=float(rng.uniform(0.10, 0.20)),
        key=_rgb(rng.uniform(0.28, 0.42) * tint),
        key_position=vector(
            [radius * np.cos(azimuth), radius * np.sin(azimuth), rng.uniform(1.1, 1.8)]
        ),
        key_shadow=bool(rng.random() < 0.85),
        fill=float(rng.uniform(0.05, 0.18)),
        fill_azimuth=float(rng.uniform(0, 2 * np.pi)),
    )


def _sample_camera(rng: np.random.Generator) -> CameraPose:
    elevation = np.radians(rng.uniform(28, 65))
    azimuth = rng.normal(0, 0.4)
    distance = rng.uniform(0.6, 0.95)
    target = np.array([rng.normal(0, 0.04), rng.normal(0, 0.04), 0.02])
    return CameraPose(
        position=camera_position(target, elevation, azimuth, distance),
        target=vector(target),
        vertical_fov=float(rng.uniform(38, 52)),
        roll=float(rng.normal(0, 1.8)),
    )


def camera_position(
    target: npt.ArrayLike, elevation: float, azimuth: float, distance: float
) -> Vector:
    """
    Return where a camera stands that looks at a point.

    :param target: (3,) metres, world.
    :param elevation: above the horizon, radians.
    :param azimuth: around the z axis, radians; 0 is in front of the table.
    :param distance: metres.
    """
    across, up = np.cos(elevation), np.sin(elevation)
    outwards = np.array([np.sin(azimuth) * across, -np.cos(azimuth) * across, up])
    return vector(np.asarray(target) + distance * outwards)
