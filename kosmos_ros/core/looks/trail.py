# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the looks at an image say about one phrase, and what they found together.

What a look shows small, cut or not surely is a doubt, which another look has to confirm. What a
part shows and the whole did not is believed only if a look is sure of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
import math

from kosmos_ros.core.geometry import shared_area
from kosmos_ros.core.looks.heat import Heat
from kosmos_ros.core.looks.merge import merged, SeenBox
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import ScoredBox

_UNSURE = 2.0
"""Log-odds around the threshold within which an existence calls for another look."""

_UNSEEN = 0.25
"""Probability that a phrase which a look does not see is there, too small for it."""

_EDGE_OF_ODDS = 1e-9


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
class LookInfo:
    """
    A look: its number, whether it shows fewer pixels than there are, and of the first ones.

    ``firsts``: so many looks show all of the image together, before any other.
    """

    number: int
    is_coarse: bool
    firsts: int

    @property
    def is_first(self) -> bool:
        """Whether it is one of the first ones."""
        return self.number < self.firsts


@dataclass(frozen=True)
class Doubt:
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
class Trail:
    """What is known of one phrase."""

    sought: Sought
    is_unsure: bool = False
    """Whether a first look was not sure of it."""
    doubts: list[Doubt] = field(default_factory=list)
    _first: Located | None = None
    _boxes: list[SeenBox] = field(default_factory=list)
    _existences: dict[int, float] = field(default_factory=dict)
    """Of each look what it says, unless a closer one corrected it."""
    _others: list[ScoredBox] = field(default_factory=list)

    @cached_property
    def heat(self) -> Heat:
        """Where it may still be."""
        return Heat(_UNSEEN)

    @property
    def is_found(self) -> bool:
        """Whether there is a box that is believed."""
        return bool(self._boxes or self._counted())

    @property
    def is_done(self) -> bool:
        """Whether no search for more of it is worth its time."""
        return self.sought.by_the_rest or (self.is_found and not self.sought.several)

    def note(
        self, look: LookInfo, glimpse: Glimpse, boxes: Sequence[SeenBox], likeliest: SeenBox | None
    ) -> None:
        """
        Take a look that was not after something that an earlier one showed.

        :param boxes: those of the answer, as the look saw them.
        :param likeliest: without any, the best that the model named.
        """
        margin, is_first = glimpse.margin, look.is_first
        is_unsure, existence = abs(margin) < _UNSURE, glimpse.answer.existence
        if is_first:
            self._first = glimpse.answer
            self.is_unsure |= is_unsure
            self._others += glimpse.answer.alternatives
        is_believed = is_first or margin >= _UNSURE
        if not is_believed:
            # That a part may show it is no more than what the first looks say of the whole.
            existence = min(existence, max(self._existences[one] for one in range(look.firsts)))
        self._existences[look.number] = existence
        for box in boxes:
            is_sure = not is_unsure and not (box.is_vague and look.is_coarse)
            if self.sought.by_the_rest or (is_first and (is_sure or box.is_clear)):
                self._boxes.append(box)
            else:
                self.doubts.append(Doubt(box, counts=is_believed, is_weak=not is_first))
        may_be = is_unsure and likeliest is not None and not self.sought.by_the_rest
        if may_be and likeliest is not None and not likeliest.is_clear:
            self.doubts.append(Doubt(likeliest, counts=False, is_weak=True))

    def confirm(
        self, look: LookInfo, glimpse: Glimpse, boxes: Sequence[SeenBox], doubts: Sequence[Doubt]
    ) -> None:
        """Put what a closer look shows in the place of the doubts that it was after."""
        existence = glimpse.answer.existence
        if glimpse.margin < _UNSURE and all(doubt.is_weak for doubt in doubts):
            boxes = ()
            existence = min(existence, *(self._existences[one.seen.look] for one in doubts))
        self._existences[look.number] = existence
        for doubt in doubts:
            self.doubts.remove(doubt)
            meant = [one for one in boxes if shared_area(one.box.box, doubt.seen.box.box) > 0.0]
            if not meant:
                before = self._existences[doubt.seen.look]
                self._existences[doubt.seen.look] = min(before, existence)
            # An object that turns out to be larger than the look was made for has a last one.
            self.doubts += [
                Doubt(one, counts=True, again=True) for one in meant if one.cut and not doubt.again
            ]
        self._boxes += [one for one in boxes if not one.cut]

    def found(self, max_boxes: int) -> Located:
        """Return what all looks found, at most so many boxes, best first."""
        if self._first is not None and list(self._existences) == [0]:
            return self._first
        boxes = merged([*self._boxes, *(one.seen for one in self._counted())])[:max_boxes]
        used = {one.look for one in boxes}
        existences = [one for look, one in self._existences.items() if not used or look in used]
        return Located(
            existence=max(existences),
            boxes=tuple(one.box for one in boxes),
            alternatives=tuple(self._others) if boxes else (),
        )

    def _counted(self) -> list[Doubt]:
        return [one for one in self.doubts if one.counts]


def _log_odds(probability: float) -> float:
    inside = min(max(probability, _EDGE_OF_ODDS), 1.0 - _EDGE_OF_ODDS)
    return math.log(inside / (1.0 - inside))
