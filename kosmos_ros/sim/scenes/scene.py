# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Tabletop scenes, drawn at random from a seed.

World frame: metres, z up, the table's top at z = 0 with its middle at the origin, a wall behind
it towards +y, the camera on the -y side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from kosmos_ros.sim.scenes.clutter import Clutter, sample_clutter
from kosmos_ros.sim.scenes.objects import Pairs, sample_palette, SceneObject
from kosmos_ros.sim.scenes.placement import Layout, place_objects
from kosmos_ros.sim.scenes.surroundings import sample_surroundings, Surroundings
from kosmos_ros.sim.scenes.unseen import (
    with_far_camera,
    with_low_camera,
    with_tall_camera,
    with_unseen_camera,
    with_unseen_lights,
    with_unseen_textures,
    with_wide_camera,
)

_ATTEMPTS = 20
"""Layouts tried until one has room for ``min_objects``."""


class CameraKind(Enum):
    """
    Where a scene is seen from.

    ``LOW``: objects hide each other. ``UNSEEN``: from nearer, lower or steeper than usual.
    ``FAR``: from across the room. ``WIDE`` and ``TALL``: in a strip along the table, or across it.
    """

    USUAL = 'usual'
    LOW = 'low'
    UNSEEN = 'unseen'
    FAR = 'far'
    WIDE = 'wide'
    TALL = 'tall'


_CAMERAS: Mapping[CameraKind, Callable[[Surroundings, np.random.Generator], Surroundings]] = {
    CameraKind.LOW: with_low_camera,
    CameraKind.UNSEEN: with_unseen_camera,
    CameraKind.FAR: with_far_camera,
    CameraKind.WIDE: with_wide_camera,
    CameraKind.TALL: with_tall_camera,
}


@dataclass(frozen=True)
class SceneOptions:
    """
    What scenes to draw.

    The number of objects is uniform between ``min_objects`` and ``max_objects`` (fewer where the
    camera sees no room for more); a share ``empty_probability`` of the scenes has none, whatever
    ``min_objects`` says. The other probabilities (0..1) are those of a bottle or cylinder to lie,
    of a scene to have unnamed clutter, to use only two or three colours, to use only two or three
    shapes, and to crowd its objects together.

    The others are for measuring beyond the usual distribution: crowds tighter by the factor
    ``crowd_spread``; another ``camera``, and the ``aspect``, width through height, of its images;
    some pairs of shape and colour; and patterns of table, floor and wall, or lights that no scene
    has otherwise. All else stays that of the seed, except that another camera sees other places of
    the table.
    """

    min_objects: int = 1
    max_objects: int = 8
    empty_probability: float = 0.03
    lying_probability: float = 0.15
    clutter_probability: float = 0.35
    few_colors_probability: float = 0.30
    few_shapes_probability: float = 0.30
    crowded_probability: float = 0.35
    crowd_spread: float = 1.0
    pairs: Pairs = Pairs.ALL
    unseen_textures: bool = False
    unseen_lights: bool = False
    camera: CameraKind = CameraKind.USUAL
    aspect: float = 4 / 3

    def __post_init__(self) -> None:
        """Reject counts and probabilities out of range."""
        if not 0 <= self.min_objects <= self.max_objects <= 8:
            raise ValueError(
                f'a scene needs 0 <= min_objects <= max_objects <= 8, got '
                f'{self.min_objects} and {self.max_objects}'
            )
        for name, value in vars(self).items():
            if name.endswith('_probability') and not 0.0 <= value <= 1.0:
                raise ValueError(f'{name} must be within 0..1, got {value}')
        if not 0.0 < self.crowd_spread <= 1.0:
            raise ValueError(f'crowd_spread must be within 0..1, got {self.crowd_spread}')


@dataclass(frozen=True)
class Scene:
    """Everything that is rendered; equal scenes give equal images."""

    seed: int
    surroundings: Surroundings
    objects: tuple[SceneObject, ...]
    clutter: tuple[Clutter, ...] = ()


def sample_scene(seed: int, options: SceneOptions | None = None) -> Scene:
    """
    Draw a scene; the same seed and options always give the same one.

    :param seed: any integer from 0 up.
    :param options: what scenes to draw, by default ``SceneOptions()``.
    :raises ValueError: if the seed is negative, or no layout has room for ``min_objects``.
    """
    if seed < 0:
        raise ValueError(f'a seed is 0 or more, got {seed}')
    options = options or SceneOptions()
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng((seed, attempt))
        empty = rng.random() < options.empty_probability
        surroundings = sample_surroundings(rng)
        # A generator of its own, so that all else in the scene stays the same.
        unseen = np.random.default_rng((seed, attempt, 1))
        if options.unseen_textures:
            surroundings = with_unseen_textures(surroundings, unseen)
        if options.unseen_lights:
            surroundings = with_unseen_lights(surroundings, unseen)
        if options.camera in _CAMERAS:
            surroundings = _CAMERAS[options.camera](surroundings, unseen)
        scene = _furnish(seed, options, surroundings, rng, empty)
        if empty or len(scene.objects) >= options.min_objects:
            return scene
    raise ValueError(f'no room for {options.min_objects} objects in scene {seed}')


def _furnish(
    seed: int,
    options: SceneOptions,
    surroundings: Surroundings,
    rng: np.random.Generator,
    empty: bool,
) -> Scene:
    cluttered = rng.random() < options.clutter_probability
    clutter = sample_clutter(rng, surroundings) if cluttered else ()
    count = 0 if empty else int(rng.integers(options.min_objects, options.max_objects + 1))
    backgrounds = [surroundings.table.rgb, *(item.rgb for item in clutter)]
    palette = sample_palette(
        rng,
        backgrounds,
        few_colors=rng.random() < options.few_colors_probability,
        few_shapes=rng.random() < options.few_shapes_probability,
        pairs=options.pairs,
    )
    crowded = rng.random() < options.crowded_probability
    wanted = [palette.sample(rng, options.lying_probability) for _ in range(count)]
    all_over = options.camera in (CameraKind.FAR, CameraKind.WIDE, CameraKind.TALL)
    layout = Layout(crowded, options.crowd_spread, options.aspect, all_over)
    objects = place_objects(rng, wanted, surroundings, clutter, layout)
    return Scene(seed, surroundings, objects, clutter)
