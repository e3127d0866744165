# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which scenes a camera sees, in images of which size, and what may be asked about in them."""

from __future__ import annotations

from dataclasses import dataclass

from kosmos_ros.sim.rendering.frame import LEAST_SHARE
from kosmos_ros.sim.scenes.scene import CameraKind, SceneOptions

_FEWEST_PIXELS = 90


@dataclass(frozen=True)
class SceneShot:
    """
    A way to make an image.

    ``width`` and ``height`` in pixels; an object of which less than ``least_share`` of the image
    is seen is not asked about: people would not tell its shape.
    """

    options: SceneOptions
    width: int = 640
    height: int = 480
    least_share: float = LEAST_SHARE


def shot_of(camera: CameraKind, width: int, height: int) -> SceneShot:
    """Return what a camera sees: at the table as ever, elsewhere with clutter on the table."""
    if camera in (CameraKind.USUAL, CameraKind.LOW, CameraKind.UNSEEN):
        return SceneShot(SceneOptions(camera=camera), width, height)
    options = SceneOptions(
        camera=camera, aspect=width / height, clutter_probability=1.0, empty_probability=0.0
    )
    return SceneShot(options, width, height, _FEWEST_PIXELS / (width * height))
