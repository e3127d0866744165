# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the boxes of answers about one camera on the objects while newer images come.

An answer is about an image that is old already when it comes: its boxes are replayed through the
images that came meanwhile, of which a short history is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
import itertools

from kosmos_ros.core.images import RgbImage
from kosmos_ros.core.types import ScoredBox
from kosmos_ros.tracking.carried_boxes import CarriedBoxes, Track
from kosmos_ros.tracking.grey import small_grey
from kosmos_ros.tracking.history import FrameHistory
from kosmos_ros.tracking.identities import matches, Named


class BoxTracker:
    """
    Carries boxes through the images of one camera.

    Images have numbers that grow. Answers have names: an answer replaces the one before it of the
    same name, and its boxes take over the ids of the boxes they match. Used by one thread.
    """

    def __init__(self) -> None:
        self._history = FrameHistory()
        self._answers: dict[str, CarriedBoxes] = {}
        self._ids = itertools.count(1)

    def see(self, number: int, image: RgbImage) -> None:
        """
        Carry all boxes to the newest image.

        :param image: (H, W, 3) uint8 RGB; not kept.
        """
        grey = small_grey(image)
        self._history.add(number, grey)
        for carried in self._answers.values():
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

    def _ids_of(self, name: str, number: int, boxes: Sequence[ScoredBox]) -> list[str]:
        """Return the ids of the tracks that boxes continue, and new ones for the others."""
        earlier = self._answers.get(name)
        before = [] if earlier is None else earlier.at(number)
        now = [Named(one.box, one.label) for one in boxes]
        pairs = matches([named for _, named in before], now)
        return [
            before[pairs[index]][0] if index in pairs else str(next(self._ids))
            for index in range(len(boxes))
        ]
