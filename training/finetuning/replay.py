# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Simulated scenes with the questions that the embedded model was trained on.

Learned together with new images, they keep a model from forgetting (rehearsal; Robins 1995).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.sim.rendering.frame import is_nameable
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene
from training.table import FAINT, Table, Thing

FIRST_SEED = 2_000_000
"""Of no scene that is measured, nor of the pool that the embedded model is trained on."""


@dataclass(frozen=True, eq=False)
class SimulatedScene:
    """An image, (H, W, 3) uint8 RGB, and its things."""

    image: RgbImage
    table: Table


def simulated_scenes(
    count: int, side: int, on_scene: Callable[[], object] = lambda: None
) -> tuple[SimulatedScene, ...]:
    """
    Render scenes, squashed to squares.

    :param side: of the images in pixels.
    :raises MissingDependencyError: if this machine cannot render.
    """
    if not count:
        return ()
    scenes = []
    with TabletopRenderer(squash_to=side) as renderer:
        for seed in range(FIRST_SEED, FIRST_SEED + count):
            frame = renderer.render(sample_scene(seed))
            things = (
                Thing(
                    one.shape,
                    one.color,
                    one.size,
                    (one.box.x0, one.box.y0, one.box.x1, one.box.y1),
                    is_nameable(one),
                )
                for one in frame.objects
                if one.visible >= FAINT
            )
            scenes.append(SimulatedScene(frame.rgb, Table.of(things)))
            on_scene()
    return tuple(scenes)
