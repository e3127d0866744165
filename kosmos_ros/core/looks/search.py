# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The looks at one image for several phrases: which to take next, and what they found together.

First the whole image, or tiles along a strip. A box that is small there is looked at once more,
enlarged, and what is found in that look takes its place. A phrase that is not found, and might be,
is looked for where the looks so far make it likeliest: in tiles of all scales. What is known of
each phrase is in ``trail``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kosmos_ros.core.geometry import region_to_box, shared_area, uncrop
from kosmos_ros.core.looks.budget import Budget
from kosmos_ros.core.looks.gains import sees, TileGains
from kosmos_ros.core.looks.heat import Heat
from kosmos_ros.core.looks.merge import SeenBox
from kosmos_ros.core.looks.trail import Doubt, Glimpse, LookInfo, Sought, Trail
from kosmos_ros.core.looks.windows import (
    is_strip,
    MODEL_SIDE,
    needs_parts,
    strip_tiles,
    zoomed,
)
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import Box, Region, ScoredBox

_LEAST_GAIN, _PER_LOOKS = 0.015, 8
"""
Probability of finding something below which a look is not worth its time, where so many looks are
allowed; who allows more is more patient.
"""

_FILLS_ENOUGH = 0.2
"""Share of a closer look's side that a further object takes at least to need none of its own."""

_MOST_WANTED = 64
"""Looks that are counted at most beyond the limit."""

_ALL = Box(0.0, 0.0, 1.0, 1.0)

_TILES_AT_ONCE = 2
"""Tiles that are looked at together: more on good luck would be looks too many."""


@dataclass(frozen=True)
class Part:
    """
    A part of an image to look at, in its pixels (None: all of it), and what to look for.

    ``closer``: it is enlarged around what an earlier look showed.
    """

    region: Region | None
    phrases: tuple[str, ...]
    closer: bool = False


class ImageSearch:
    """
    The looks at one image.

    :param width: of the image in pixels, as ``height``.
    :param sought: each phrase once.
    """

    def __init__(self, width: int, height: int, sought: Sequence[Sought], budget: Budget) -> None:
        self._size = width, height
        self.trails = {one.phrase: Trail(one) for one in sought}
        """What is known of each phrase."""
        self._needs_parts = needs_parts(width, height)
        self._budget = budget
        self.looked: list[Part] = []
        """What was looked at, in this order."""
        self._firsts = 0
        self._pending: dict[Region, dict[str, list[Doubt]]] = {}
        self._least_gain = _LEAST_GAIN * min(1.0, _PER_LOOKS / budget.most)
        self.wanted = 0
        """Looks that there would have been without a limit; known at the end."""

    def next(self) -> list[Part]:
        """Return what to look at now, all together; nothing at the end."""
        if not self.looked:
            parts = self._first()
            self._firsts = len(parts)
            return parts
        closer = self._closer()
        if closer:
            self._pending = closer
            parts = [Part(region, tuple(of), closer=True) for region, of in closer.items()]
        else:
            parts = self._likeliest(_TILES_AT_ONCE)
        if parts:
            parts = parts[: self._budget.left()]
        if not parts:
            self.wanted = len(self.looked) + len(closer or self._likeliest(_MOST_WANTED))
        return parts

    def take(self, part: Part, glimpses: Mapping[str, Glimpse], seconds: float) -> None:
        """Note what a look says about its phrases, and how long it took."""
        region, number = part.region, len(self.looked)
        self.looked.append(part)
        self._budget.spend(1, seconds)
        where = self._box(region)
        look = LookInfo(number, max(self._size_of(region)) > MODEL_SIDE, self._firsts)
        for phrase, glimpse in glimpses.items():
            trail = self.trails[phrase]
            boxes = [SeenBox.of(box, number, where) for box in glimpse.answer.boxes]
            if part.closer and region is not None:
                trail.confirm(look, glimpse, boxes, self._pending[region][phrase])
            else:
                likeliest = None if boxes else self._best_of(glimpse.raw, number, region)
                trail.note(look, glimpse, boxes, likeliest)
            if not boxes:
                existence = 0.0 if part.closer else glimpse.answer.existence
                self._miss(trail.heat, region, existence, glimpse.raw.places)
            elif trail.sought.several and not part.closer:
                # There may be more, but not where this look would have shown them.
                self._miss(trail.heat, region)

    def _first(self) -> list[Part]:
        """Return the looks to begin with: at all of a strip, or at the image as a whole."""
        phrases = tuple(self.trails)
        is_along = self._needs_parts and is_strip(*self._size)
        along = strip_tiles(*self._size) if is_along else ()
        if along and len(along) <= self._budget.left():
            return [Part(region, phrases) for region in along]
        return [Part(None, phrases)]

    def _best_of(self, raw: Located, number: int, region: Region | None) -> SeenBox | None:
        """Return the best that the model named in a look, in the image, if it named anything."""
        if not raw.boxes:
            return None
        best = raw.boxes[0]
        box = uncrop(best.box, region, *self._size) if region else best.box
        return SeenBox.of(replace(best, box=box), number, self._box(region))

    def _closer(self) -> dict[Region, dict[str, list[Doubt]]]:
        """Return the closer looks to take, with what each is after, the most probable first."""
        after: dict[Region, dict[str, list[Doubt]]] = {}
        waiting = [
            (doubt, phrase)
            for phrase, trail in self.trails.items()
            for doubt in trail.doubts
            if doubt.counts or not trail.is_found
        ]
        waiting.sort(key=lambda one: (one[0].counts, one[0].seen.box.score), reverse=True)
        for doubt, phrase in waiting:
            box = doubt.seen.box.box
            region = next((one for one in after if self._shows_well(one, box)), None)
            region = region or zoomed(box, *self._size)
            after.setdefault(region, {}).setdefault(phrase, []).append(doubt)
        return after

    def _likeliest(self, count: int) -> list[Part]:
        """Return the tiles that are likeliest to show what is not found yet."""
        wanted = {
            phrase: copy(trail.heat)
            for phrase, trail in self.trails.items()
            if (trail.is_unsure or self._needs_parts) and not trail.is_done
        }
        if not wanted:
            return []
        gains, regions = self._gains, self._gains.regions
        seen = {part.region for part in self.looked}
        is_left = np.array([one not in seen for one in regions])
        parts: list[Part] = []
        while is_left.any() and len(parts) < count:
            of_each = np.where(is_left, gains.of(wanted.values()), 0.0)
            best = int(of_each.argmax())
            if of_each[best] < self._least_gain:
                break
            is_left[best] = False
            region = regions[best]
            parts.append(Part(region, tuple(wanted)))
            for heat in wanted.values():
                self._miss(heat, region)
        return parts

    def _miss(
        self,
        heat: Heat,
        region: Region | None,
        existence: float = 0.0,
        places: Sequence[float] = (),
    ) -> None:
        """Note that a look found nothing sure."""
        heat.miss(self._box(region), sees(self._size_of(region), self._size), existence, places)

    @cached_property
    def _gains(self) -> TileGains:
        return TileGains(*self._size)

    def _size_of(self, region: Region | None) -> tuple[int, int]:
        return (region.width, region.height) if region else self._size

    def _box(self, region: Region | None) -> Box:
        """Return where a part is in the image, normalised."""
        return region_to_box(region, *self._size) if region else _ALL

    def _shows_well(self, region: Region, box: Box) -> bool:
        """Tell whether a look shows all of a box, not small."""
        part = self._box(region)
        seen = SeenBox.of(ScoredBox(box, 1.0), 0, part)
        inside = shared_area(part, box) >= box.area
        return inside and not seen.cut and seen.fill >= _FILLS_ENOUGH
