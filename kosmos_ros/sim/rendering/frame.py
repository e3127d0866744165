# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The render of a scene: pixels, depth and ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.types import Box
from kosmos_ros.sim.scenes.camera import CameraModel

_MIN_PIXELS = 300 / (640 * 480)
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


def is_nameable(thing: VisibleObject) -> bool:
    """
    Say whether enough of an object is seen to ask for it by name.

    That is 300 pixels of a 640x480 image, 60 % not hidden and 85 % within the image.
    """
    return (
        thing.image_share >= _MIN_PIXELS
        and thing.visible >= _MIN_VISIBLE
        and thing.inside >= _MIN_INSIDE
    )


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """
    One image and its ground truth.

    ``rgb`` (H, W, 3) uint8; ``depth`` (H, W) float32, metres along the optical axis, registered to
    ``rgb`` and infinite where there is nothing; ``segmentation`` (H, W) int32, index of the
    scene's object or -1; ``objects`` the visible ones, in the scene's order.
    """

    rgb: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    segmentation: npt.NDArray[np.int32]
    objects: tuple[VisibleObject, ...]
    camera: CameraModel
