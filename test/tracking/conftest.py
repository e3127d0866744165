# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures with things that move in them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box

WIDTH, HEIGHT = 320, 240


class Film:
    """Paints textured squares, each at its place, on a textured ground."""

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self._ground = _texture(rng, HEIGHT, WIDTH)
        self._things = [_texture(rng, 48, 48) for _ in range(4)]

    def picture(self, *places: tuple[float, float], side: int = 48) -> RgbImage:
        """Return a picture with the middle of each thing at its place in pixels."""
        picture = self._ground.copy()
        for thing, (x, y) in zip(self._things, places, strict=False):
            scale = side / 48
            move = np.array([[scale, 0, x - side / 2], [0, scale, y - side / 2]])
            cv2.warpAffine(
                thing,
                move,
                (WIDTH, HEIGHT),
                dst=picture,
                borderMode=cv2.BORDER_TRANSPARENT,
            )
        return picture

    @staticmethod
    def around(x: float, y: float, side: float = 48) -> Box:
        """Return the box of a thing at a place in pixels."""
        half = side / 2
        x0, x1 = np.clip([x - half, x + half], 0, WIDTH) / WIDTH
        y0, y1 = np.clip([y - half, y + half], 0, HEIGHT) / HEIGHT
        return Box(float(x0), float(y0), float(x1), float(y1))

    def empty(self) -> RgbImage:
        """Return a picture without any things."""
        return self._ground.copy()


def _texture(rng: np.random.Generator, height: int, width: int) -> RgbImage:
    rough = rng.integers(0, 255, (height // 6, width // 6, 3), dtype=np.uint8)
    return cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope='session')
def film() -> Film:
    """Paint pictures."""
    return Film()
