# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a look at each tile of an image may gain."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.geometry import region_to_box
from kosmos_ros.core.looks.heat import Heat, share_of, SIDE
from kosmos_ros.core.looks.windows import MODEL_SIDE, tiles

_WELL = 1.5
"""Pixels of the image in one of the model's at which small objects are hardly overlooked."""

_USUAL = 1920
"""Long side of an image in pixels; in larger ones objects are taken for as much larger."""

_SEES_AT_BEST = 0.95

Size = tuple[int, int]
"""Width and height in pixels."""


def sees(part: Size, whole: Size) -> float:
    """Return how probable it is that a look at a part of an image shows a small object in it."""
    pixels = max(part) * min(1.0, _USUAL / max(whole))
    return min(_SEES_AT_BEST, _WELL * MODEL_SIDE / pixels)


class TileGains:
    """
    The tiles of an image of a size, ``regions``, and what looks at them may gain.

    A large image has thousands of them, so that all are reckoned at once.
    """

    def __init__(self, width: int, height: int) -> None:
        self.regions = tuple(one.region for one in tiles(width, height))
        shares = [share_of(region_to_box(one, width, height)).ravel() for one in self.regions]
        seen = np.array([sees((one.width, one.height), (width, height)) for one in self.regions])
        self._shares = np.reshape(shares, (-1, SIDE**2)) * seen[:, None]

    def of(self, heats: Iterable[Heat]) -> npt.NDArray[np.float64]:
        """
        Return for each tile how probable it is that a look at it shows something new.

        :returns: (tiles,), the most that one of the phrases has to gain.
        """
        maps = np.stack([heat.places.ravel() for heat in heats], axis=1)
        gains: npt.NDArray[np.float64] = (self._shares @ maps).max(axis=1)
        return gains
