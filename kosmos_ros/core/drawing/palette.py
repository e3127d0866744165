# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Colours of pictures of answers."""

from __future__ import annotations

from collections.abc import Iterable
import zlib

from kosmos_ros.core.drawing.fonts import Color
from kosmos_ros.core.types import Grounding

DARK: Color = (0, 0, 0)
LIGHT: Color = (255, 255, 255)

PALETTE: tuple[Color, ...] = (
    *((230, 25, 75), (60, 180, 75), (255, 225, 25), (67, 133, 255), (245, 130, 48)),
    *((176, 82, 214), (70, 240, 240), (240, 50, 230), (191, 239, 69), (250, 150, 180)),
    *((0, 158, 148), (200, 160, 255), (190, 120, 60), (160, 235, 180), (255, 195, 130)),
    (120, 170, 200),
)
"""Colours that differ from each other and from both black and white."""


def colors_of(grounding: Grounding) -> dict[str, Color]:
    """
    Return the colour of each label.

    A phrase has the same colour in every picture, whatever its case, unless an earlier phrase of
    the same answer has taken it. Phrases without boxes keep theirs, so that a standing query does
    not change colours when an object comes or goes.
    """
    names = [phrase.text for phrase in grounding.phrases]
    return colors_of_labels([*names, *(detection.label for detection in grounding.detections)])


def colors_of_labels(labels: Iterable[str]) -> dict[str, Color]:
    """Return the colour of each label as ``colors_of``, by the ``folded`` label."""
    colors: dict[str, Color] = {}
    for name in dict.fromkeys(folded(label) for label in labels):
        start = zlib.crc32(name.encode()) % len(PALETTE)
        preferred = [*PALETTE[start:], *PALETTE[:start]]
        free = [color for color in preferred if color not in colors.values()]
        colors[name] = (free or preferred)[0]
    return colors


def folded(label: str) -> str:
    """Return what labels of the same colour have in common."""
    return ' '.join(label.casefold().split())


def readable_on(color: Color) -> Color:
    """Return black or white, whichever contrasts more; luma of ITU-R BT.601."""
    red, green, blue = color
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else LIGHT
