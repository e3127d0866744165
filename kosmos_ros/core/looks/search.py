# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The looks at one image for several phrases: which to take next, and what they found together.

First the whole image, or tiles along a strip. A box that is small there is looked at once more,
enlarged, and what is found in that look takes its place. A phrase that is not found, and might be,
is looked for where the looks so far make it likeliest: in tiles of all scales. What a tile shows
is believed only once an enlarged look shows it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
import math

import numpy as np

from kosmos_ros.core.geometry import region_to_box, shared_area, uncrop
from kosmos_ros.core.looks.budget import Budget
from kosmos_ros.core.looks.gains import sees, TileGains
from kosmos_ros.core.looks.heat import Heat
from kosmos_ros.core.looks.merge import merged, SeenBox
from kosmos_ros.core.looks.windows import (
    is_strip,
    MODEL_SIDE,
    needs_parts,
    strip_tiles,
    zoomed,
)
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import Box, Region, ScoredBox

_UNSURE = 2.0
"""Log-odds around the threshold within which an existence calls for another look."""

_UNSEEN = 0.25
"""Probability that a phrase which a look does not see is there, too small for it."""

_LEAST_GAIN, _PER_LOOKS = 0.015, 8
"""
Probability of finding something below which a look is not worth its time, where so many looks are
allowed; who allows more is more patient.
"""

_FILLS_ENOUGH = 0.2
"""Share of a closer look's side that a further object takes at least to need none of its own."""

_MOST_WANTED = 64
"""Looks that are counted at most beyond the limit."""

_EDGE_OF_ODDS = 1e-9

_ALL = Box(0.0, 0.0, 1.0, 1.0)

_TILES_AT_ONCE = 2
"""Tiles that are looked at together: more on good luck would be looks too many."""


@dataclass(frozen=True)
class Sought:
    """
    A phrase to look for.

    ``by_the_rest``: what it means depends on what else is in the image, as in 'the mug next to the
    plate', so that only a look at all of it can tell. ``several``: all of them are wanted.
    """

    phrase: str
    by_the_rest: bool = False
    several: bool = False


@dataclass(frozen=True)
class Part:
    """
    A part of an image to look at, in its pixels (None: all of it), and what to look for.

    ``closer``: it is enlarged around what an earlier look showed.
    """

    region: Region | None
    phrases: tuple[str, ...]
    closer: bool = False


@dataclass(frozen=True)
class Glimpse:
    """
    What a look says about a phrase.

    ``answer`` is calibrated, without boxes where the existence is below ``threshold``; ``raw`` is
    what the model said. Boxes of ``answer`` are normalised to the image, those of ``raw`` to the
    look.
    """

    answer: Located
    raw: Located
    threshold: float

    @property
    def margin(self) -> float:
        """Log-odds of the existence above those of the threshold."""
        return _log_odds(self.answer.existence) - _log_odds(self.threshold)


@dataclass(frozen=True)
class _Doubt:
    """
    What a look showed that another has to confirm.

    ``counts``: it is believed if there is no other look. ``again``: it is the second time.
    ``is_weak``: a first look did not show it, so that the other one has to be sure.
    """

    seen: SeenBox
    counts: bool
    again: bool = False
    is_weak: bool = False


@dataclass
class _Trail:
    """What is known of one phrase."""

    sought: Sought
    first: Located | None = None
    boxes: list[SeenBox] = field(default_factory=list)
    doubts: list[_Doubt] = field(default_factory=list)
    existences: dict[int, float] = field(default_factory=dict)
    """Of each look what it says, unless a closer one corrected it."""
    others: list[ScoredBox] = field(default_factory=list)
    is_unsure: bool = False

    @cached_property
    def heat(self) -> Heat:
        """Where it may still be."""
        return Heat(_UNSEEN)

    @property
    def counted(self) -> list[_Doubt]:
        return [one for one in self.doubts if one.counts]

    @property
    def is_found(self) -> bool:
        return bool(self.boxes or self.counted)

    @property
    def is_done(self) -> bool:
        """Whether no look for more of it is worth its time."""
        return self.sought.by_the_rest or (self.is_found and not self.sought.several)


class ImageSearch:
    """
    The looks at one image.

    :param width: of the image in pixels, as ``height``.
    :param sought: each phrase once.
    """

    def __init__(self, width: int, height: int, sought: Sequence[Sought], budget: Budget) -> None:
        self._size = width, height
        self._trails = {one.phrase: _Trail(one) for one in sought}
        self._budget = budget
        self.looked: list[Part] = []
        """What was looked at, in this order."""
        self._base = 0
        self._pending: dict[Region, dict[str, list[_Doubt]]] = {}
        self._least_gain = _LEAST_GAIN * min(1.0, _PER_LOOKS / budget.most)
        self.wanted = 0
        """Looks that there would have been without a limit; known at the end."""

    def next(self) -> list[Part]:
        """Return what to look at now, all together; nothing at the end."""
        if not self.looked:
            parts = self._first()
            self._base = len(parts)
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
        number = len(self.looked)
        self.looked.append(part)
        self._budget.spend(1, seconds)
        where = self._box(part.region)
        for phrase, glimpse in glimpses.items():
            trail = self._trails[phrase]
            trail.existences[number] = glimpse.answer.existence
            boxes = [SeenBox.of(box, number, where) for box in glimpse.answer.boxes]
            if part.closer and part.region is not None:
                self._confirm(trail, self._pending[part.region][phrase], boxes, glimpse)
            else:
                self._note(trail, number, part.region, boxes, glimpse)
            if not boxes:
                existence = 0.0 if part.closer else glimpse.answer.existence
                self._miss(trail.heat, part.region, existence, glimpse.raw.places)
            elif trail.sought.several and not part.closer:
                # There may be more, but not where this look would have shown them.
                self._miss(trail.heat, part.region)

    def found(self, phrase: str, max_boxes: int) -> Located:
        """Return what all looks found of a phrase, at most so many boxes, best first."""
        trail = self._trails[phrase]
        if trail.first is not None and list(trail.existences) == [0]:
            return trail.first
        boxes = merged([*trail.boxes, *(one.seen for one in trail.counted)])[:max_boxes]
        used = {one.look for one in boxes}
        existences = [one for look, one in trail.existences.items() if not used or look in used]
        return Located(
            existence=max(existences),
            boxes=tuple(one.box for one in boxes),
            alternatives=tuple(trail.others) if boxes else (),
        )

    def _first(self) -> list[Part]:
        """Return the looks to begin with: at all of a strip, or at the image as a whole."""
        phrases = tuple(self._trails)
        along = strip_tiles(*self._size) if is_strip(*self._size) else ()
        if along and len(along) <= self._budget.left():
            return [Part(region, phrases) for region in along]
        return [Part(None, phrases)]

    def _note(
        self,
        trail: _Trail,
        number: int,
        region: Region | None,
        boxes: Sequence[SeenBox],
        glimpse: Glimpse,
    ) -> None:
        """Take a look that was not after something that an earlier one showed."""
        is_unsure, is_first = abs(glimpse.margin) < _UNSURE, number < self._base
        if is_first:
            trail.first = glimpse.answer
            trail.is_unsure |= is_unsure
            trail.others += glimpse.answer.alternatives
        is_believed = is_first or glimpse.margin >= _UNSURE
        if not is_believed:
            # That a part may show it is no more than what the first looks say of the whole.
            before = max(trail.existences[look] for look in range(self._base))
            trail.existences[number] = min(trail.existences[number], before)
        for box in boxes:
            is_sure = not is_unsure and not (box.is_vague and self._is_coarse(region))
            if trail.sought.by_the_rest or (is_first and (is_sure or box.is_clear)):
                trail.boxes.append(box)
            else:
                trail.doubts.append(_Doubt(box, counts=is_believed, is_weak=not is_first))
        if is_unsure and not boxes and glimpse.raw.boxes and not trail.sought.by_the_rest:
            likeliest = glimpse.raw.boxes[0]
            placed = replace(likeliest, box=self._placed(likeliest.box, region))
            seen = SeenBox.of(placed, number, self._box(region))
            if not seen.is_clear:
                trail.doubts.append(_Doubt(seen, counts=False, is_weak=True))

    def _confirm(
        self,
        trail: _Trail,
        doubts: Sequence[_Doubt],
        boxes: Sequence[SeenBox],
        glimpse: Glimpse,
    ) -> None:
        """Put what a closer look shows in the place of what it was after."""
        number = len(self.looked) - 1
        if glimpse.margin < _UNSURE and all(doubt.is_weak for doubt in doubts):
            boxes = ()
            before = (trail.existences[doubt.seen.look] for doubt in doubts)
            trail.existences[number] = min(trail.existences[number], *before)
        for doubt in doubts:
            trail.doubts.remove(doubt)
            meant = [one for one in boxes if shared_area(one.box.box, doubt.seen.box.box) > 0.0]
            if not meant:
                look = doubt.seen.look
                trail.existences[look] = min(trail.existences[look], trail.existences[number])
            # An object that turns out to be larger than the look was made for has a last one.
            trail.doubts += [
                _Doubt(one, counts=True, again=True)
                for one in meant
                if one.cut and not doubt.again
            ]
        trail.boxes += [one for one in boxes if not one.cut]

    def _closer(self) -> dict[Region, dict[str, list[_Doubt]]]:
        """Return the closer looks to take, with what each is after, the most probable first."""
        after: dict[Region, dict[str, list[_Doubt]]] = {}
        waiting = [
            (doubt, phrase)
            for phrase, trail in self._trails.items()
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
            for phrase, trail in self._trails.items()
            if not trail.is_done and (trail.is_unsure or needs_parts(*self._size))
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

    def _is_coarse(self, region: Region | None) -> bool:
        """Tell whether a look shows fewer pixels than there are."""
        return max(self._size_of(region)) > MODEL_SIDE

    def _size_of(self, region: Region | None) -> tuple[int, int]:
        return (region.width, region.height) if region else self._size

    def _box(self, region: Region | None) -> Box:
        """Return where a part is in the image, normalised."""
        return region_to_box(region, *self._size) if region else _ALL

    def _placed(self, box: Box, region: Region | None) -> Box:
        return uncrop(box, region, *self._size) if region else box

    def _shows_well(self, region: Region, box: Box) -> bool:
        """Tell whether a look shows all of a box, not small."""
        part = self._box(region)
        seen = SeenBox.of(ScoredBox(box, 1.0), 0, part)
        inside = shared_area(part, box) >= box.area
        return inside and not seen.cut and seen.fill >= _FILLS_ENOUGH


def _log_odds(probability: float) -> float:
    inside = min(max(probability, _EDGE_OF_ODDS), 1.0 - _EDGE_OF_ODDS)
    return math.log(inside / (1.0 - inside))
