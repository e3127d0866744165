# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Targets of the helper heads: per vision patch and per latent, which object is there.

The heads exist during training only; they teach the vision tower what a patch shows before the
text can use it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kosmos_ros.sim.vocabulary import COLORS, SHAPES
from training.table import Table, Thing

PATCHES, LATENTS = 14, 8
"""Vision patches and latents per image side."""

SHAPE_CLASSES, COLOR_CLASSES = len(SHAPES) + 1, len(COLORS) + 1
IGNORED = -100
_COLOR_INDEX = {name: index for index, name in enumerate(COLORS, start=1)}
_SHAPE_INDEX = {name: index for index, name in enumerate(SHAPES, start=1)}


class HelperTargets(NamedTuple):
    """
    Classes (0: nothing, IGNORED: not given) and boxes of patches and latents.

    ``*_shapes`` and ``*_colors`` are (n, n) int64, ``*_boxes`` (n, n, 4) float32 normalised.
    """

    patch_shapes: npt.NDArray[np.int64]
    patch_colors: npt.NDArray[np.int64]
    patch_boxes: npt.NDArray[np.float32]
    latent_shapes: npt.NDArray[np.int64]
    latent_colors: npt.NDArray[np.int64]
    latent_boxes: npt.NDArray[np.float32]


class _Grid:
    """Classes and boxes of one n x n grid."""

    def __init__(self, size: int) -> None:
        self.shapes = np.zeros((size, size), np.int64)
        self.colors = np.zeros((size, size), np.int64)
        self.boxes = np.zeros((size, size, 4), np.float32)

    def put(self, where: npt.NDArray[np.bool_] | tuple[int, int], thing: Thing) -> None:
        """Write a thing at a mask or at row and column."""
        self.shapes[where] = _SHAPE_INDEX[thing.shape] if thing.nameable else IGNORED
        self.colors[where] = _COLOR_INDEX[thing.color] if thing.nameable else IGNORED
        self.boxes[where] = thing.box


def _patch_grid(things: tuple[Thing, ...]) -> _Grid:
    """Give each patch whose centre is in a box the thing whose box's centre is nearest to it."""
    grid = _Grid(PATCHES)
    centers = (np.arange(PATCHES) + 0.5) / PATCHES
    best = np.ones((PATCHES, PATCHES))
    for thing in things:
        x0, y0, x1, y1 = thing.box
        across = np.abs(centers - (x0 + x1) / 2) / max((x1 - x0) / 2, 1e-6)
        down = np.abs(centers - (y0 + y1) / 2) / max((y1 - y0) / 2, 1e-6)
        distance = np.maximum(across[None, :], down[:, None])
        mask = distance < best
        best[mask] = distance[mask]
        grid.put(mask, thing)
    return grid


def _latent_grid(things: tuple[Thing, ...]) -> _Grid:
    """Give each thing to the latent in whose part of the image its centre is."""
    grid = _Grid(LATENTS)
    for thing in things:
        x, y = (min(LATENTS - 1, int(value * LATENTS)) for value in thing.center)
        grid.put((y, x), thing)
    return grid


def helper_targets(table: Table) -> HelperTargets:
    """Return the targets of one image."""
    things = (*table.doubtful, *table.things)
    patches, latents = _patch_grid(things), _latent_grid(things)
    grids = (patches, latents)
    return HelperTargets(*(part for one in grids for part in (one.shapes, one.colors, one.boxes)))
