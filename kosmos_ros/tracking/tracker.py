# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the boxes of answers about one camera on the objects while newer images come.

An answer comes when its image is old already: its boxes are replayed through the images since, of
which a short history is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import itertools

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import ScoredBox
from kosmos_ros.tracking.carried_boxes import CarriedBoxes, Track
from kosmos_ros.tracking.grey import small_grey
from kosmos_ros.tracking.history import FrameHistory
from kosmos_ros.tracking.identities import matches, Named

MAX_MISSES = 3
"""For so many answers without it, an object keeps its id; its box is carried out of sight."""


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
        """
        Carry all boxes to the newest image.

        :param image: (H, W, 3) uint8 RGB; not kept.
        """
        grey = small_grey(image)
        self._history.add(number, grey)
        for carried in self._all():
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

    def _all(self) -> Iterator[CarriedBoxes]:
        yield from self._answers.values()
        yield from itertools.chain.from_iterable(self._missed.values())

    def _ids_of(self, name: str, number: int, boxes: Sequence[ScoredBox]) -> list[str]:
        """
        Return the ids of the tracks that boxes continue, and new ones for the others.

        Tracks that are not continued are dropped.
        """
        now = [Named(one.box, one.label) for one in boxes]
        ids: dict[int, str] = {}
        earlier = [self._answers[name]] if name in self._answers else []
        earlier += self._missed.get(name, [])
        for carried in earlier:
            before = carried.at(number)
            waiting = [index for index in range(len(now)) if index not in ids]
            pairs = matches([box for _, box in before], [now[index] for index in waiting])
            ids |= {waiting[new]: before[old][0] for new, old in pairs.items()}
            carried.keep({track.id for track in carried.tracks()} - set(ids.values()))
        self._missed[name] = earlier[:MAX_MISSES]
        return [ids[index] if index in ids else str(next(self._ids)) for index in range(len(now))]
