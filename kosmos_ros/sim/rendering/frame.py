# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The render of a scene: pixels, depth, and ground truth made from the segmentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.types import Box
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.scene import Scene
from kosmos_ros.sim.scenes.surroundings import vector

Segmentation = npt.NDArray[np.int32]
Bounds = npt.NDArray[np.float64]

RenderAlone = Callable[[Sequence[int]], Segmentation]
"""Segments the image with only these objects in it."""

LEAST_SHARE = 300 / (640 * 480)
"""Share of the image from which on an object is large enough to ask for."""

_MIN_VISIBLE = 0.6
_MIN_INSIDE = 0.85


@dataclass(frozen=True)
class VisibleObject:
    """
    An object of which at least one pixel is seen.

    ``box`` encloses its visible pixels, normalised. ``visible`` is the share (0..1) of the pixels
    it would have if nothing stood before it, ``inside`` the share of its outline's bounds within
    the image. ``pixels`` counts visible pixels, ``image_share`` is their share of the image.
    ``position`` is its centre in the camera's optical frame, metres; ``index`` its index in the
    scene's objects and in the segmentation.
    """

    index: int
    shape: str
    color: str
    size: str
    box: Box
    visible: float
    inside: float
    pixels: int
    image_share: float
    position: tuple[float, float, float]

    @property
    def name(self) -> str:
        """Colour and shape, as in 'red cube'."""
        return f'{self.color} {self.shape}'


def is_nameable(thing: VisibleObject, least_share: float = LEAST_SHARE) -> bool:
    """
    Say whether enough of an object is seen to ask for it by name.

    That is a share of the image, 300 pixels of 640x480, 60 % not hidden and 85 % within the image.
    """
    return (
        thing.image_share >= least_share
        and thing.visible >= _MIN_VISIBLE
        and thing.inside >= _MIN_INSIDE
    )


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """
    One image and its ground truth.

    ``rgb`` (H, W, 3) uint8; ``depth`` (H, W) float32, metres along the optical axis, registered to
    ``rgb`` and infinite where there is nothing; ``segmentation`` (H, W) int32, index of the
    scene's object or -1; ``objects`` the visible ones, in the scene's order. ``least_share`` is
    the share of the image from which on one may be asked for.
    """

    rgb: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    segmentation: npt.NDArray[np.int32]
    objects: tuple[VisibleObject, ...]
    camera: CameraModel
    least_share: float = LEAST_SHARE


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
