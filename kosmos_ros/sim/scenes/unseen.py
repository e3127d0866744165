# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Surroundings at and beyond the limits of the usual scenes, to measure a model.

Colours keep their names and objects stay distinguishable: it is another room, not a worse one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kosmos_ros.sim.scenes.surroundings import (
    behind_light,
    camera_position,
    CameraPose,
    Lights,
    Surface,
    Surroundings,
    vector,
)
from kosmos_ros.sim.surfaces.textures import TEXTURE_COUNT, UNSEEN_TEXTURE_COUNT


def with_unseen_textures(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same table, floor and wall with patterns of other kinds."""

    def other(surface: Surface) -> Surface:
        return replace(surface, texture=TEXTURE_COUNT + int(rng.integers(UNSEEN_TEXTURE_COUNT)))

    return replace(
        surroundings,
        table=other(surroundings.table),
        floor=other(surroundings.floor),
        wall=other(surroundings.wall),
    )


def with_unseen_lights(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room with a low, strong and tinted key light, and little from elsewhere."""
    azimuth, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.3)
    warm = rng.choice([-1.0, 1.0]) * rng.uniform(0.06, 0.12)
    key = vector(rng.uniform(0.44, 0.54) * np.array([1 + warm, 1.0, 1 - warm]))
    lights = Lights(
        ambient=float(rng.uniform(0.42, 0.48)),
        headlight=float(rng.uniform(0.02, 0.08)),
        key=key,
        key_position=vector(
            [radius * np.cos(azimuth), radius * np.sin(azimuth), rng.uniform(0.75, 1.05)]
        ),
        key_shadow=True,
        fill=float(rng.uniform(0.0, 0.04)),
        fill_azimuth=float(rng.uniform(0, 2 * np.pi)),
    )
    return replace(surroundings, lights=lights, wall_y=behind_light(surroundings.wall_y, lights))


def with_unseen_camera(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room seen from low in front, or steeply from the side, and tilted."""
    if rng.random() < 0.5:
        elevation, azimuth = rng.uniform(20, 26), rng.normal(0, 0.4)
    else:
        elevation, azimuth = rng.uniform(67, 78), rng.choice([-1, 1]) * rng.uniform(0.9, 2.0)
    near = rng.random() < 0.5
    distance = rng.uniform(0.5, 0.57) if near else rng.uniform(0.98, 1.08)
    target = surroundings.camera.target
    camera = CameraPose(
        position=camera_position(target, float(np.radians(elevation)), azimuth, distance),
        target=target,
        # From near a wide view, from afar a narrow one, so that objects are about as large.
        vertical_fov=float(rng.uniform(54, 60) if near else rng.uniform(31, 36)),
        roll=float(rng.choice([-1, 1]) * rng.uniform(5, 9)),
    )
    return replace(surroundings, camera=camera)


def with_far_camera(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room seen from across it, the table somewhere in the view."""
    target = [rng.normal(0, 0.3), rng.normal(0, 0.25), rng.normal(0, 0.1)]
    camera = CameraPose(
        position=camera_position(
            target,
            elevation=float(np.radians(rng.uniform(18, 45))),
            azimuth=float(rng.normal(0, 0.5)),
            distance=float(rng.uniform(1.8, 3.6)),
        ),
        target=vector(target),
        vertical_fov=float(rng.uniform(45, 62)),
        roll=float(rng.normal(0, 1.8)),
    )
    return replace(surroundings, camera=camera)


def with_wide_camera(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room seen in a strip along the table."""
    return _with_strip(surroundings, rng, elevation=(28, 50), fov=(20, 27), distance=(1.2, 1.6))


def with_tall_camera(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room seen in a strip from the table's near edge to the wall."""
    return _with_strip(surroundings, rng, elevation=(38, 60), fov=(55, 70), distance=(0.8, 1.1))


def _with_strip(
    surroundings: Surroundings,
    rng: np.random.Generator,
    elevation: tuple[float, float],
    fov: tuple[float, float],
    distance: tuple[float, float],
) -> Surroundings:
    target = surroundings.camera.target
    camera = CameraPose(
        position=camera_position(
            target,
            elevation=float(np.radians(rng.uniform(*elevation))),
            azimuth=float(rng.normal(0, 0.3)),
            distance=float(rng.uniform(*distance)),
        ),
        target=target,
        vertical_fov=float(rng.uniform(*fov)),
        roll=float(rng.normal(0, 1.8)),
    )
    return replace(surroundings, camera=camera)


def with_low_camera(surroundings: Surroundings, rng: np.random.Generator) -> Surroundings:
    """Return the same room with its camera at the lowest usual height, so that objects overlap."""
    camera = surroundings.camera
    away = np.subtract(camera.position, camera.target)
    position = camera_position(
        camera.target,
        elevation=float(np.radians(rng.uniform(28, 34))),
        azimuth=float(np.arctan2(away[0], -away[1])),
        distance=float(np.linalg.norm(away)),
    )
    return replace(surroundings, camera=replace(camera, position=position))
