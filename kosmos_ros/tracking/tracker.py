# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the boxes of answers about one camera on the objects while newer images come.

An answer comes when its image is old already: its boxes are replayed through the images since, of
which a short history is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
import itertools

from kosmos_ros.core.geometry import iou, shared_area
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.tracking.carried_boxes import CarriedBoxes, Track
from kosmos_ros.tracking.grey import FrameHistory, small_grey

MAX_MISSES = 3
"""For so many answers without it, an object keeps its id; its box is carried out of sight."""

MIN_OVERLAP = 0.3
"""Least intersection over union of two boxes that may show the same object."""

MIN_CONTAINED = 0.7
"""Or the least part of the smaller one that the other covers: an object that comes into the image
was answered with a box of the part that was seen."""


class BoxTracker:
    """
    Carries boxes through the images of one camera.

    Images have numbers that grow. Answers have names: an answer replaces the one before it of the
    same name, and its boxes take over the ids of the boxes they match. Used by one thread.
    """

    def __init__(self) -> None:
        self._history = FrameHistory()
        self._answers: dict[str, CarriedBoxes] = {}
        self._missed: dict[str, list[CarriedBoxes]] = {}
        self._ids = itertools.count(1)

    def see(self, number: int, image: RgbImage) -> None:
        """Carry all boxes to the newest image, (H, W, 3) uint8 RGB, which is not kept."""
        grey = small_grey(image)
        self._history.add(number, grey)
        for carried in itertools.chain(self._answers.values(), *self._missed.values()):
            if number > carried.number:
                carried.advance(number, grey)

    def answer(self, name: str, number: int, image: RgbImage, boxes: Sequence[ScoredBox]) -> None:
        """
        Carry the boxes of a new answer from now on.

        :param name: whose earlier answer this one replaces.
        :param number: of the image that the boxes were found in.
        :param image: that image, (H, W, 3) uint8 RGB; not kept.
        """
        ids = self._ids_of(name, number, boxes)
        carried = CarriedBoxes(number, small_grey(image), boxes, ids)
        for later, newer in self._history.after(number):
            carried.advance(later, newer)
        self._answers[name] = carried

    def tracks(self, name: str) -> tuple[Track, ...]:
        """Return the boxes of an answer in the newest image, without those that are lost."""
        carried = self._answers.get(name)
        return () if carried is None else carried.tracks()

    def clear(self) -> None:
        """Forget all images and boxes; ids are not used again."""
        self._history = FrameHistory()
        self._answers.clear()
        self._missed.clear()

    def _ids_of(self, name: str, number: int, boxes: Sequence[ScoredBox]) -> list[str]:
        """Return the ids of the tracks that boxes continue, new ones for the others."""
        ids: dict[int, str] = {}
        earlier = [self._answers[name]] if name in self._answers else []
        earlier += self._missed.get(name, [])
        for carried in earlier:
            before = carried.at(number)
            waiting = [index for index in range(len(boxes)) if index not in ids]
            pairs = matches([box for _, box in before], [boxes[index] for index in waiting])
            ids |= {waiting[new]: before[old][0] for new, old in pairs.items()}
            carried.keep({track.id for track in carried.tracks()} - set(ids.values()))
        self._missed[name] = earlier[:MAX_MISSES]
        return [ids.get(index) or str(next(self._ids)) for index in range(len(boxes))]


def matches(old: Sequence[ScoredBox], new: Sequence[ScoredBox]) -> dict[int, int]:
    """
    Pair boxes of the same phrase that overlap, the best overlap first, then those within others.

    Where objects of the same phrase cover each other, no rule is certain; the best overlap moves
    boxes least.

    :returns: indices into ``old`` by indices into ``new``, each used once.
    """
    together = [
        (first, second)
        for first, before in enumerate(old)
        for second, now in enumerate(new)
        if before.label == now.label
    ]
    pairs: dict[int, int] = {}
    for measure, least in ((iou, MIN_OVERLAP), (_contained, MIN_CONTAINED)):
        scores = {pair: measure(old[pair[0]].box, new[pair[1]].box) for pair in together}
        for first, second in sorted(together, key=lambda pair: -scores[pair]):
            is_free = first not in pairs.values() and second not in pairs
            if is_free and scores[first, second] >= least:
                pairs[second] = first
    return pairs


def _contained(a: Box, b: Box) -> float:
    """Return the share (0..1) of the smaller box within the other one."""
    smaller = min(a.area, b.area)
    return shared_area(a, b) / smaller if smaller else 0.0
