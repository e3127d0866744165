# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A named object of a scene, and which ones a scene may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product

import numpy as np

from kosmos_ros.sim.scenes.surroundings import Vector, vector
from kosmos_ros.sim.surfaces.mesh import FloatArray, turn
from kosmos_ros.sim.surfaces.shapes import shape_mesh
from kosmos_ros.sim.surfaces.textures import DARKEST
from kosmos_ros.sim.vocabulary import (
    COLORS,
    lab,
    LYING_SHAPES,
    Rgb,
    SHAPE_SCALES,
    SHAPES,
    SIZES,
    UNSEEN_PAIRS,
)

_MIN_CONTRAST = 30.0
"""Least Delta-E between an object and what it may lie on."""

_ON_ITS_SIDE = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class SceneObject:
    """
    One object on the table.

    ``shape``, ``color`` and ``size`` are words of the vocabulary; ``rgb`` (0..1) is the exact
    colour, near that of its name; ``scale`` the metres of a mesh unit along each mesh axis. The
    mesh is laid on its side if ``lying``, turned by ``yaw`` (radians) about the world's z axis,
    and its origin moved to ``position`` (metres, world). ``specular`` and ``shininess`` (0..1) are
    those of its surface.
    """

    shape: str
    color: str
    size: str
    rgb: Rgb
    scale: Vector
    yaw: float = 0.0
    lying: bool = False
    position: Vector = (0.0, 0.0, 0.0)
    specular: float = 0.3
    shininess: float = 0.5

    @property
    def name(self) -> str:
        """Colour and shape, as in 'red cube'."""
        return f'{self.color} {self.shape}'

    @property
    def rotation(self) -> FloatArray:
        """(3, 3) matrix that turns mesh axes into world axes."""
        return turn(self.yaw) @ _ON_ITS_SIDE if self.lying else turn(self.yaw)

    @property
    def vertices(self) -> FloatArray:
        """(N, 3) vertices in the world, metres."""
        return self._to_world(shape_mesh(self.shape).vertices)

    @property
    def center(self) -> FloatArray:
        """(3,) middle of the mesh's own bounds, in the world, metres."""
        low, high = shape_mesh(self.shape).bounds
        return self._to_world((low + high) / 2)

    def _to_world(self, points: FloatArray) -> FloatArray:
        return (points * self.scale) @ self.rotation.T + self.position


class Pairs(Enum):
    """Which shapes come in which colours: all, only ``UNSEEN_PAIRS``, or all but those."""

    ALL = 'all'
    SEEN = 'seen'
    UNSEEN = 'unseen'


@dataclass(frozen=True, eq=False)
class Palette:
    """
    The choice of objects for a scene.

    ``shapes`` and ``colors`` are words of the vocabulary, ``tones`` (N, 3) the L*a*b* values of
    what the objects may lie on. ``pairs`` of a shape and a colour are the choice if there are any;
    else every shape in every colour.
    """

    shapes: tuple[str, ...]
    colors: tuple[str, ...]
    tones: FloatArray
    pairs: tuple[tuple[str, str], ...] = ()

    def sample(self, rng: np.random.Generator, lying_probability: float) -> SceneObject:
        """Draw an object with its pose still to be decided, except for yaw and lying."""
        if self.pairs:
            shape, color = self.pairs[int(rng.integers(len(self.pairs)))]
        else:
            shape, color = str(rng.choice(self.shapes)), str(rng.choice(self.colors))
        size = str(rng.choice(list(SIZES)))
        scale = SHAPE_SCALES[shape] * SIZES[size] * rng.uniform(0.95, 1.05)
        # A cube or ball with uneven sides would not be one.
        stretch = 1.0 if shape in ('cube', 'ball') else rng.uniform(0.93, 1.07)
        return SceneObject(
            shape=shape,
            color=color,
            size=size,
            rgb=self._sample_rgb(rng, color),
            scale=vector([scale, scale, scale * stretch]),
            yaw=float(rng.uniform(0, 2 * np.pi)),
            lying=shape in LYING_SHAPES and bool(rng.random() < lying_probability),
            specular=float(rng.choice([0.05, 0.3, 0.6])),
            shininess=float(rng.uniform(0.2, 0.8)),
        )

    def _sample_rgb(self, rng: np.random.Generator, color: str) -> Rgb:
        for _ in range(10):
            values = np.array(COLORS[color]) * rng.uniform(0.92, 1.06)
            varied = np.clip(values + rng.normal(0, 0.012, 3), 0, 1)
            if _contrast(lab(varied), self.tones) >= _MIN_CONTRAST:
                return vector(varied)
        return COLORS[color]


def sample_palette(
    rng: np.random.Generator,
    backgrounds: Sequence[Rgb],
    few_colors: bool,
    few_shapes: bool,
    pairs: Pairs = Pairs.ALL,
) -> Palette:
    """
    Choose the palette of a scene.

    :param backgrounds: colours that the objects must stand out from.
    :param few_colors: use only two or three colours, so that some objects share one.
    :param few_shapes: use only two or three shapes.
    :param pairs: allowed pairs of shape and colour; small choices without any are avoided.
    """
    # A pattern darkens what it covers.
    shades = np.array([1.0, (1 + DARKEST) / 2])
    tones = lab((shades[:, None, None] * np.array(backgrounds)).reshape(-1, 3))
    contrasts = _contrast(lab(list(COLORS.values())), tones)
    colors = tuple(
        name for name, value in zip(COLORS, contrasts, strict=True) if value >= _MIN_CONTRAST
    )
    shapes = _some(rng, SHAPES) if few_shapes else SHAPES
    some_colors = _some(rng, colors) if few_colors else colors
    fitting = _pairs(pairs, shapes, some_colors) or _pairs(pairs, SHAPES, colors)
    return Palette(shapes, some_colors, tones, fitting)


def _pairs(
    pairs: Pairs, shapes: Sequence[str], colors: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the allowed pairs, none where all are."""
    if pairs is Pairs.ALL:
        return ()
    return tuple(
        pair
        for pair in product(shapes, colors)
        if (pair in UNSEEN_PAIRS) == (pairs is Pairs.UNSEEN)
    )


def _some(rng: np.random.Generator, words: Sequence[str]) -> tuple[str, ...]:
    count = int(rng.integers(2, 4))
    return tuple(str(word) for word in rng.choice(words, size=count, replace=False))


def _contrast(colors: FloatArray, tones: FloatArray) -> FloatArray:
    """Return (...) least Delta-E of L*a*b* colours (..., 3) to any of the tones."""
    distances = np.linalg.norm(colors[..., None, :] - tones, axis=-1)
    least: FloatArray = distances.min(axis=-1)
    return least
