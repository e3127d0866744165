# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Placing objects: in view, on the table, and never inside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.clutter import Clutter
from kosmos_ros.sim.scenes.objects import SceneObject
from kosmos_ros.sim.scenes.surroundings import CameraPose, Surroundings, vector
from kosmos_ros.sim.surfaces.mesh import FloatArray

_GAP = 0.006
"""Least distance between two footprints in metres."""

_ATTEMPTS = 60
"""Places tried for each object before it is left out."""

_NEAREST, _FARTHEST = 0.40, 1.25
"""Range of distances between the camera and an object's place in metres."""

_ACROSS_THE_ROOM = 4.5
"""The same, of a camera that is not at the table."""

_DRAWS = 1000

_ANGLES = np.arange(36) * np.pi / 18
_DIRECTIONS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])


@dataclass(frozen=True)
class Layout:
    """
    How objects are spread over a table.

    ``crowded``: around one point instead of all over the view, at ``spread`` times the usual
    distances from it. ``aspect`` is width through height of the view. ``all_over``: anywhere on
    the table that is in view, however far away, rather than evenly over the view.
    """

    crowded: bool
    spread: float = 1.0
    aspect: float = 4 / 3
    all_over: bool = False


def place_objects(
    rng: np.random.Generator,
    objects: Sequence[SceneObject],
    surroundings: Surroundings,
    clutter: Sequence[Clutter],
    layout: Layout,
) -> tuple[SceneObject, ...]:
    """Give each object a place on the table; those without room are left out."""
    occupied = [footprint(item.vertices) for item in clutter if item.is_stick]
    camera = CameraModel.from_pose(surroundings.camera, 4, 3, layout.aspect)
    table = surroundings.table_half_size if layout.all_over else None
    farthest = _ACROSS_THE_ROOM if layout.all_over else _FARTHEST
    focus = _sample_visible_place(rng, camera, 0.3, table) if layout.crowded else None
    radius = layout.spread * (0.07 + 0.012 * len(objects))
    placed = []
    for thing in objects:
        for _ in range(_ATTEMPTS):
            if focus is None:
                place = _sample_visible_place(rng, camera, 0.07, table)
            else:
                place = focus + rng.normal(0, radius, 2)
            candidate = _stand(rng, thing, place, surroundings.camera)
            outline = footprint(candidate.vertices)
            is_free = not any(overlap(outline, other) for other in occupied)
            if is_free and _is_in_range(candidate, surroundings, farthest):
                occupied.append(outline)
                placed.append(candidate)
                break
    return tuple(placed)


def footprint(vertices: FloatArray) -> FloatArray:
    """
    Outline an object on the table plane.

    :param vertices: (N, 3) metres.
    :returns: (36,) how far it reaches in each of 36 directions (its support function).
    """
    reach: FloatArray = (vertices[:, :2] @ _DIRECTIONS).max(axis=0)
    return reach


def overlap(a: FloatArray, b: FloatArray) -> bool:
    """Say whether no straight line of the 36 directions separates two footprints by a gap."""
    opposite = np.roll(b, 18)
    return not bool((a + opposite < -_GAP).any())


def _sample_visible_place(
    rng: np.random.Generator,
    camera: CameraModel,
    inset: float,
    table: tuple[float, float] | None = None,
) -> FloatArray:
    """
    Draw a point (x, y) of the table plane that is uniform over the camera's view.

    :param table: half sizes in metres; uniform over the table instead, as far as it is in view.
    """
    if table is not None:
        return _sample_seen_on_table(rng, camera, inset, table)
    while True:
        pixel = rng.uniform(inset, 1 - inset, 2) * [camera.width, camera.height]
        ray = camera.rotation @ [*((pixel - [camera.cx, camera.cy]) / [camera.fx, camera.fy]), 1.0]
        if ray[2] >= -0.05:
            continue
        distance = -camera.position[2] / ray[2]
        if distance * np.linalg.norm(ray) < _FARTHEST:
            place: FloatArray = (camera.position + distance * ray)[:2]
            return place


def _sample_seen_on_table(
    rng: np.random.Generator, camera: CameraModel, inset: float, table: tuple[float, float]
) -> FloatArray:
    """Draw a point (x, y) of the table in view; its middle where hardly any of it is."""
    size = np.array([camera.width, camera.height])
    for _ in range(_DRAWS):
        place: FloatArray = rng.uniform(-1.0, 1.0, 2) * table
        if (np.abs(camera.project([*place, 0.0]) / size - 0.5) < 0.5 - inset).all():
            return place
    return np.zeros(2)


def _stand(
    rng: np.random.Generator, thing: SceneObject, place: FloatArray, camera: CameraPose
) -> SceneObject:
    """Set an object on the plane with its lowest point, around ``place`` (x, y)."""
    yaw = _readable_yaw(rng, thing, place, camera)
    turned = replace(thing, yaw=yaw, position=(0.0, 0.0, 0.0))
    x, y = place - turned.center[:2]
    return replace(turned, position=vector([x, y, -turned.vertices[:, 2].min()]))


def _readable_yaw(
    rng: np.random.Generator, thing: SceneObject, place: FloatArray, camera: CameraPose
) -> float:
    """Turn objects that would look like another shape from behind or along their axis."""
    towards = np.arctan2(camera.position[1] - place[1], camera.position[0] - place[0])
    side = rng.choice([-1, 1])
    if thing.shape == 'mug':  # its handle points along +x
        return float(towards + side * np.radians(rng.uniform(35, 120)))
    if thing.lying:  # its axis points along -y
        return float(towards + np.pi / 2 + side * np.radians(rng.uniform(35, 145)))
    return thing.yaw


def _is_in_range(thing: SceneObject, surroundings: Surroundings, farthest: float) -> bool:
    """Say whether all of it is on the table and at a good distance from the camera."""
    distance = float(np.linalg.norm(thing.center - surroundings.camera.position))
    on_table = np.abs(thing.vertices[:, :2]) < surroundings.table_half_size
    return _NEAREST < distance < farthest and bool(on_table.all())
