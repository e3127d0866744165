# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Where in an image a phrase may still be found.

A search in the sense of search theory (Koopman 1946, Search and Screening): each place has a
probability, a look at a part that finds nothing lowers those of its places by how well it would
have seen the object, and the part with the most to gain is looked at next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.types import Box

Map = npt.NDArray[np.float64]

SIDE = 16
"""Places along each side of the image."""

_EDGES = np.arange(SIDE + 1) / SIDE
_CENTERS = (np.arange(SIDE) + 0.5) / SIDE

_EVENLY = 0.2
"""Share of what is left in a part that stays spread as it was, whatever the look says of where."""


class Heat:
    """
    Probabilities (0..1) of each of 16x16 places of an image; they sum up to that of anywhere.

    :param total: probability that the phrase is in the image at all.
    """

    def __init__(self, total: float) -> None:
        self.places: Map = np.full((SIDE, SIDE), total / SIDE**2)
        """(16, 16) probabilities, row by row."""

    def miss(self, box: Box, sees: float, existence: float, places: Sequence[float]) -> None:
        """
        Take into account a look that found nothing sure.

        :param box: what was looked at, normalised.
        :param sees: probability (0..1) that the look would have shown it, were it there.
        :param existence: how probable it is all the same that it is there, says the look.
        :param places: (256,) row by row, where in that part its upper left corner would be; ()
            where the look does not tell.
        """
        share = share_of(box)
        inside = self.places * share
        mass = float(inside.sum())
        left = mass * (1 - sees)
        left += existence * (1 - left)
        spread = inside / max(mass, 1e-12)
        if places:
            told = np.asarray(places, dtype=np.float64).reshape(SIDE, SIDE)
            told = _spread(told / max(float(told.sum()), 1e-12), box)
            spread = _EVENLY * spread + (1 - _EVENLY) * told
        self.places = self.places * (1 - share) + left * spread
        self.places /= max(1.0, float(self.places.sum()))


def share_of(box: Box) -> Map:
    """Return for each place the share (0..1) that a box covers."""
    across, down = (
        np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0.0, None) * SIDE
        for low, high, edges in ((box.x0, box.x1, _EDGES), (box.y0, box.y1, _EDGES))
    )
    return np.outer(down, across)


def _spread(told: Map, box: Box) -> Map:
    """Return the map of the whole image of (16, 16) shares within a part of it."""
    columns = np.minimum((SIDE * (box.x0 + _CENTERS * box.width)).astype(int), SIDE - 1)
    rows = np.minimum((SIDE * (box.y0 + _CENTERS * box.height)).astype(int), SIDE - 1)
    whole = np.zeros((SIDE, SIDE))
    np.add.at(whole, (rows[:, None], columns[None, :]), told)
    return whole
