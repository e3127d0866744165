# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From a segmentation to boxes: which objects are seen, where, and how much of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.types import Box
from kosmos_ros.sim.rendering.frame import VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.scene import Scene
from kosmos_ros.sim.scenes.surroundings import vector

Segmentation = npt.NDArray[np.int32]
Bounds = npt.NDArray[np.float64]

RenderAlone = Callable[[Sequence[int]], Segmentation]
"""Segments the image with only these objects in it."""


def label_objects(
    scene: Scene, camera: CameraModel, segmentation: Segmentation, render_alone: RenderAlone
) -> tuple[VisibleObject, ...]:
    """
    Describe every object of which a pixel is seen.

    :param segmentation: (H, W) index of the scene's object or -1.
    :param render_alone: renders objects that others may hide.
    """
    if not scene.objects:
        return ()
    bounds = np.array([_bounds(camera, thing.vertices) for thing in scene.objects])
    seen = _count_pixels(segmentation, len(scene.objects))
    unhidden = _count_unhidden(scene, camera, bounds, seen, render_alone)
    inside = _share_inside(bounds, camera)
    return tuple(
        VisibleObject(
            index=index,
            shape=thing.shape,
            color=thing.color,
            size=thing.size,
            box=_pixel_box(segmentation == index),
            visible=float(min(1.0, seen[index] / max(unhidden[index], 1))),
            inside=float(inside[index]),
            pixels=int(seen[index]),
            image_share=float(seen[index] / segmentation.size),
            position=vector(camera.to_optical(thing.center)),
        )
        for index, thing in enumerate(scene.objects)
        if seen[index]
    )


def _count_unhidden(
    scene: Scene,
    camera: CameraModel,
    bounds: Bounds,
    seen: npt.NDArray[np.int64],
    render_alone: RenderAlone,
) -> npt.NDArray[np.int64]:
    """Count the pixels each object would have if nothing stood before it."""
    sticks = [_bounds(camera, item.vertices) for item in scene.clutter if item.is_stick]
    meets = _intersections(bounds, np.array([*bounds, *sticks]))
    np.fill_diagonal(meets, val=False)
    unhidden = seen.copy()
    waiting = [index for index in range(len(bounds)) if meets[index].any()]
    while waiting:
        group: list[int] = []  # objects that cannot hide each other share one pass
        for index in waiting:
            if not meets[index, group].any():
                group.append(index)
        counts = _count_pixels(render_alone(group), len(bounds))
        unhidden[group] = counts[group]
        waiting = [index for index in waiting if index not in group]
    return unhidden


def _bounds(camera: CameraModel, vertices: npt.NDArray[np.float64]) -> Bounds:
    """Return x0, y0, x1, y1 in pixels of projected vertices, beyond the image's edges too."""
    pixels = camera.project(vertices)
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def _intersections(a: Bounds, b: Bounds) -> npt.NDArray[np.bool_]:
    """Return (N, M): whether bounds ``a[i]`` and ``b[j]`` share an area."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    meets: npt.NDArray[np.bool_] = np.all(low < high, axis=-1)
    return meets


def _share_inside(bounds: Bounds, camera: CameraModel) -> npt.NDArray[np.float64]:
    image = np.array([camera.width, camera.height])
    whole = np.prod(bounds[:, 2:] - bounds[:, :2], axis=1)
    clipped = np.clip(bounds[:, 2:], 0, image) - np.clip(bounds[:, :2], 0, image)
    share: npt.NDArray[np.float64] = np.prod(clipped, axis=1) / whole
    return share


def _count_pixels(segmentation: Segmentation, count: int) -> npt.NDArray[np.int64]:
    # Faster than np.bincount, which would first copy the image to 64-bit integers.
    return np.array([np.count_nonzero(segmentation == index) for index in range(count)])


def _pixel_box(mask: npt.NDArray[np.bool_]) -> Box:
    height, width = mask.shape
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left, right = columns[[0, -1]].tolist()
    top, bottom = rows[[0, -1]].tolist()
    return Box(left / width, top / height, (right + 1) / width, (bottom + 1) / height)
