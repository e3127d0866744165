# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The words of the tabletop: its shapes, colours and sizes, and what they mean in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Rgb = tuple[float, float, float]
"""A colour as sRGB display values, 0..1 each."""

COLORS: Mapping[str, Rgb] = MappingProxyType(
    {
        'red': (0.86, 0.05, 0.06),
        'orange': (1.0, 0.47, 0.03),
        'yellow': (0.98, 0.85, 0.05),
        'green': (0.08, 0.58, 0.14),
        'blue': (0.05, 0.27, 0.88),
        'purple': (0.50, 0.09, 0.60),
        'pink': (1.0, 0.48, 0.68),
        'brown': (0.34, 0.18, 0.09),
        'black': (0.075, 0.075, 0.08),
        'white': (0.93, 0.93, 0.92),
    }
)
"""Colour names; far enough apart that a shaded face keeps the name of its colour."""

SHAPE_SCALES: Mapping[str, float] = MappingProxyType(
    {
        'cube': 0.075,
        'ball': 0.085,
        'cylinder': 0.080,
        'cone': 0.090,
        'mug': 0.095,
        'bottle': 0.105,
        'bowl': 0.115,
        'box': 0.095,
        'ring': 0.090,
        'star': 0.100,
        'plate': 0.115,
        'banana': 0.105,
    }
)
"""Metres of one mesh unit at medium size; makes different shapes look about equally large."""

SHAPES: tuple[str, ...] = tuple(SHAPE_SCALES)

LYING_SHAPES = frozenset({'bottle', 'cylinder'})
"""Shapes that may also lie on their side."""

UNSEEN_PAIRS: frozenset[tuple[str, str]] = frozenset(
    (
        ('ball', 'brown'),
        ('banana', 'blue'),
        ('bottle', 'white'),
        ('bowl', 'blue'),
        ('box', 'green'),
        ('cone', 'purple'),
        ('cube', 'orange'),
        ('cylinder', 'pink'),
        ('mug', 'yellow'),
        ('plate', 'purple'),
        ('ring', 'black'),
        ('star', 'red'),
    )
)
"""
Shapes with a colour that a training may leave out, to measure afterwards whether a model puts
what it knows of shapes and of colours together. Every shape and every colour is among them.
"""

SIZES: Mapping[str, float] = MappingProxyType({'small': 0.68, 'medium': 1.0, 'large': 1.42})
"""Size names and the factor each puts on a shape's scale."""

NUMBERS = ('zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten')
"""How many objects there are, in words."""

# CIE XYZ of the sRGB primaries (columns X, Y, Z) and the D65 white point, IEC 61966-2-1.
_SRGB_TO_XYZ = np.array(
    [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
)
_WHITE_POINT = np.array([0.9505, 1.0, 1.089])


def lab(rgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """
    Convert sRGB to CIE L*a*b*, in which distances match perceived differences.

    :param rgb: (..., 3) display values 0..1.
    :returns: (..., 3) L*, a*, b*.
    """
    display = np.asarray(rgb, dtype=np.float64)
    linear = np.where(display > 0.04045, ((display + 0.055) / 1.055) ** 2.4, display / 12.92)
    xyz = linear @ _SRGB_TO_XYZ / _WHITE_POINT
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def color_distance(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Return the CIE 1976 colour difference (Delta-E) of two sRGB colours."""
    return float(np.linalg.norm(lab(a) - lab(b)))


def nearest_color(rgb: npt.ArrayLike) -> str:
    """Return the name of the colour in ``COLORS`` that looks most like ``rgb`` (0..1)."""
    return min(COLORS, key=lambda name: color_distance(COLORS[name], rgb))
