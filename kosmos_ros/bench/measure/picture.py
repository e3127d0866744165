# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The picture that every model is asked about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from kosmos_ros.bench.plan import SCENE
from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.images.images import RgbImage, save_image

_SIZE = (480, 640, 3)


def save_picture(path: Path, say: Callable[[str], None]) -> Path:
    """
    Save a picture of the simulated table, 640x480.

    Where nothing can be rendered it is noise: times do not depend on the content, except for the
    number of boxes that a trained model finds.

    :param say: called if it is noise.
    """
    save_image(path, _rendered(say))
    return path


def resized(image: RgbImage, width: int, height: int) -> RgbImage:
    """Return an image in another size, with noise, as a camera's has."""
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.int16)
    noise = np.random.default_rng(0).integers(-4, 5, large.shape, dtype=np.int16)
    return np.clip(large + noise, 0, 255).astype(np.uint8)


def _rendered(say: Callable[[str], None]) -> RgbImage:
    try:
        from kosmos_ros.sim.rendering.renderer import TabletopRenderer  # noqa: PLC0415
        from kosmos_ros.sim.scenes.scene import sample_scene  # noqa: PLC0415

        with TabletopRenderer() as renderer:
            image: RgbImage = renderer.render(sample_scene(SCENE)).rgb
    except (ImportError, MissingDependencyError) as error:
        say(f'the picture is one of noise: {error}')
        return np.random.default_rng(0).integers(0, 256, _SIZE, dtype=np.uint8)
    return image
