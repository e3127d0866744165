# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A fixed bank of grey surface patterns; tinted and repeated they look different in each scene."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TEXTURE_COUNT = 48
"""Patterns that scenes are drawn with by default."""

UNSEEN_TEXTURE_COUNT = 15
"""Patterns of other kinds behind them, which scenes only have if their options ask for it."""

TEXTURE_SIDE = 256

Pattern = npt.NDArray[np.float64]
"""(TEXTURE_SIDE, TEXTURE_SIDE) brightness, 0..1."""

DARKEST = 0.55
"""Lowest brightness of a pattern's dark parts: more contrast would hide objects' outlines."""


def texture(index: int) -> npt.NDArray[np.uint8]:
    """
    Draw one pattern of the bank.

    :param index: 0..TEXTURE_COUNT + UNSEEN_TEXTURE_COUNT - 1; the same number always gives the
        same pattern.
    :returns: (TEXTURE_SIDE, TEXTURE_SIDE) brightness, 255 where the surface has its own colour.
    """
    rng = np.random.default_rng(index)
    patterns = _PATTERNS if index < TEXTURE_COUNT else _UNSEEN_PATTERNS
    pattern = patterns[index % len(patterns)](rng)
    darkest = rng.uniform(DARKEST, 0.95)
    return np.rint((darkest + (1 - darkest) * pattern) * 255).astype(np.uint8)


def _grid() -> tuple[Pattern, Pattern]:
    """Return x and y of each pixel, 0..1."""
    y, x = np.mgrid[0:TEXTURE_SIDE, 0:TEXTURE_SIDE] / TEXTURE_SIDE
    return x, y


def _noise(
    rng: np.random.Generator, octaves: int, stretch_x: float = 1.0, stretch_y: float = 1.0
) -> Pattern:
    """Sum seamless value noise of doubling frequency and scale it to 0..1."""
    total = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE))
    for octave in range(1, octaves + 1):
        columns = max(2, int(2**octave * stretch_x))
        rows = max(2, int(2**octave * stretch_y))
        layer = _interpolate(_interpolate(rng.random((rows, columns))).T).T
        total += layer / 2 ** (octave * 0.7)
    scaled: Pattern = (total - total.min()) / (np.ptp(total) + 1e-9)
    return scaled


def _interpolate(values: Pattern) -> Pattern:
    """Stretch the first axis to TEXTURE_SIDE linearly, wrapping around at its end."""
    position = np.arange(TEXTURE_SIDE) * len(values) / TEXTURE_SIDE
    lower = position.astype(int)
    weight = (position - lower)[:, None]
    following = values[(lower + 1) % len(values)]
    stretched: Pattern = values[lower] * (1 - weight) + following * weight
    return stretched


def _flat(_rng: np.random.Generator) -> Pattern:
    return np.ones((TEXTURE_SIDE, TEXTURE_SIDE))


def _clouds(rng: np.random.Generator) -> Pattern:
    return _noise(rng, 5)


def _wood(rng: np.random.Generator) -> Pattern:
    _, y = _grid()
    grain = 2.5 * _noise(rng, 4, 1, 0.5) + 0.6 * _noise(rng, 6, 0.3, 4)
    return 0.5 + 0.5 * np.sin(2 * np.pi * (rng.integers(4, 9) * y + grain))


def _checks(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    count = 2 * rng.integers(1, 5)
    odd = ((x * count).astype(int) + (y * count).astype(int)) % 2 == 1
    return np.where(odd, 1.0, 0.0)


def _stripes(rng: np.random.Generator) -> Pattern:
    x, _ = _grid()
    return np.where(x * rng.integers(2, 12) % 1 < rng.uniform(0.2, 0.8), 1.0, 0.0)


def _speckles(rng: np.random.Generator) -> Pattern:
    noise = rng.random((TEXTURE_SIDE, TEXTURE_SIDE))
    return np.where(noise > rng.uniform(0.05, 0.2), 1.0, 0.0)


def _marble(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    return np.sqrt(np.abs(np.sin(2 * np.pi * (x + y + 1.5 * _noise(rng, 6)))))


def _dots(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    count = rng.integers(3, 9)
    distance = np.hypot(x * count % 1 - 0.5, y * count % 1 - 0.5)
    return np.where(distance < rng.uniform(0.2, 0.4), 0.0, 1.0)


def _circles(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    return 0.5 + 0.5 * np.cos(2 * np.pi * rng.integers(4, 10) * np.hypot(x - 0.5, y - 0.5))


def _zigzag(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    across = np.abs(x * rng.integers(2, 6) % 1 - 0.5)
    return np.where((y * rng.integers(4, 10) + across) % 1 < 0.5, 1.0, 0.0)


def _bricks(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    rows = 2 * rng.integers(2, 5)
    row = (y * rows).astype(int)
    joint = rng.uniform(0.04, 0.1)
    along, across = (x * rows / 2 + 0.5 * (row % 2)) % 1, y * rows % 1
    return np.where((along < joint) | (across < 2 * joint), 0.0, 1.0)


def _weave(rng: np.random.Generator) -> Pattern:
    x, y = _grid()
    waves = 2 * np.pi * rng.integers(6, 14)
    return 0.5 + 0.25 * (np.sin(waves * x) + np.sin(waves * y))


_UNSEEN_PATTERNS = (_dots, _circles, _zigzag, _bricks, _weave)
_PATTERNS = (_flat, _clouds, _wood, _checks, _stripes, _speckles, _marble)
