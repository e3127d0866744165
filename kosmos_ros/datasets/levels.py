# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Levels of difficulty of the simulated tabletop, each reported separately."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
import io
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.sim.scenes.objects import Pairs
from kosmos_ros.sim.scenes.scene import CameraKind, SceneOptions
from kosmos_ros.sim.shot import SceneShot, shot_of

STANDARD, FAR = 'standard', 'far'
EVERY, CHANGES = 'all', 'changes'
"""Names for every level of difficulty, and for every one of changed images."""

Change = Callable[[RgbImage, int], RgbImage]
"""
A change to images by cameras, drivers and links.

It takes an (H, W, 3) uint8 RGB image and the seed of its scene, leaves the image unchanged, and
returns one of the same size, so that the original boxes hold for it.
"""


@dataclass(frozen=True)
class Level:
    """
    The options of its scenes, their description, and how their images are changed.

    ``shots``: several ways that its scenes are rendered, in turns.
    """

    text: str
    options: SceneOptions = field(default_factory=SceneOptions)
    change: Change | None = None
    shots: tuple[SceneShot, ...] = ()

    def shot(self, seed: int) -> SceneShot:
        """Return what the scene of a seed is and how it is rendered."""
        shots = self.shots or (SceneShot(self.options),)
        return shots[seed % len(shots)]


def jpeg(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Compress as JPEG of quality 50."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'JPEG', quality=50)
    return _as_image(np.asarray(Image.open(stream)))


def blurred(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Put it out of focus: a Gaussian with a standard deviation of 2 pixels."""
    return _as_image(cv2.GaussianBlur(image, (0, 0), 2.0))


def noisy(image: RgbImage, seed: int) -> RgbImage:
    """Add Gaussian noise with a standard deviation of 30 levels of 255 to each value."""
    noise = np.random.default_rng(seed).normal(0.0, 30.0, image.shape)
    return _as_image(image + noise)


def moving(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Move the camera sideways by 15 pixels while the shutter is open."""
    kernel = np.full((1, 15), 1.0 / 15)
    return _as_image(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def dim(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Make it half as bright."""
    return _as_image(0.5 * image.astype(np.float64))


def bright(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Make it 1.4 times as bright, clipped."""
    return _as_image(1.4 * image.astype(np.float64))


def coarse(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Reduce it to 320x240 pixels, and enlarge it again."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)
    return _as_image(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def swapped(image: RgbImage, seed: int) -> RgbImage:  # noqa: ARG001
    """Swap red and blue, as a driver does that calls BGR RGB."""
    return _as_image(image[..., ::-1])


def _as_image(values: npt.NDArray[Any]) -> RgbImage:
    """Return a new contiguous image of values, rounded and clipped to 0..255."""
    return np.ascontiguousarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        STANDARD: Level('1 to 8 objects, as in training'),
        'few': Level('1 or 2 objects', SceneOptions(max_objects=2, empty_probability=0.0)),
        'some': Level(
            '3 to 5 objects', SceneOptions(min_objects=3, max_objects=5, empty_probability=0.0)
        ),
        'many': Level('6 to 8 objects', SceneOptions(min_objects=6, empty_probability=0.0)),
        'occlusion': Level(
            '6 to 8 objects close together, seen from low, many partly hidden',
            SceneOptions(
                min_objects=6,
                empty_probability=0.0,
                crowded_probability=1.0,
                crowd_spread=0.5,
                camera=CameraKind.LOW,
            ),
        ),
        'textures': Level(
            'table, floor and wall with patterns of other kinds',
            SceneOptions(unseen_textures=True),
        ),
        'lights': Level('a low, strong and tinted light', SceneOptions(unseen_lights=True)),
        'cameras': Level(
            'a camera that is lower, steeper, nearer or farther, and tilted',
            SceneOptions(camera=CameraKind.UNSEEN),
        ),
        FAR: Level(
            '1920x1080 and 1280x720 pixels, objects across the room',
            shots=(
                shot_of(CameraKind.FAR, 1920, 1080),
                shot_of(CameraKind.FAR, 1920, 1080),
                shot_of(CameraKind.FAR, 1280, 720),
            ),
        ),
        'wide': Level(
            'strips, 1920x480 and 480x1440 pixels',
            shots=(shot_of(CameraKind.WIDE, 1920, 480), shot_of(CameraKind.TALL, 480, 1440)),
        ),
        'pairs': Level(
            'only the twelve pairs of shape and colour that training may leave out',
            SceneOptions(
                pairs=Pairs.UNSEEN, few_colors_probability=0.0, few_shapes_probability=0.0
            ),
        ),
        'jpeg': Level('images of standard as JPEG of quality 50', change=jpeg),
        'blurred': Level('images of standard out of focus (Gaussian of 2 pixels)', change=blurred),
        'noisy': Level('images of standard with noise of 30 levels', change=noisy),
        'moving': Level('images of standard with motion blur over 15 pixels', change=moving),
        'coarse': Level('images of standard with 320x240 pixels', change=coarse),
        'dim': Level('images of standard half as bright', change=dim),
        'bright': Level('images of standard 1.4 times as bright', change=bright),
        'swapped': Level('images of standard, red taken for blue', change=swapped),
    }
)
"""Levels by their names; what 'training' leaves out is up to a model's card."""


def chosen_levels(names: str) -> Sequence[str]:
    """
    Return levels by name, in the order of ``LEVELS``.

    :param names: separated by commas; ``all`` are those of difficulty, ``changes`` those of
        changed images.
    :raises InvalidRequestError: if there is no such level.
    """
    wanted = {name.strip() for name in names.split(',') if name.strip()}
    if not wanted or not wanted <= {*LEVELS, EVERY, CHANGES}:
        raise InvalidRequestError(
            f'expected levels among {", ".join(LEVELS)}, or {EVERY}, or {CHANGES}, got {names!r}'
        )
    return [name for name in LEVELS if wanted & {name, _family(name)}]


def name_of_levels(names: Sequence[str]) -> str:
    """Return a short name for levels, as ``all`` or ``few+pairs``."""
    whole = {family for family in (EVERY, CHANGES) if set(chosen_levels(family)) <= set(names)}
    short = (_family(name) if _family(name) in whole else name for name in names)
    return '+'.join(dict.fromkeys(short))


def _family(name: str) -> str:
    return CHANGES if LEVELS[name].change else EVERY
