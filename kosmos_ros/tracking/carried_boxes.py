# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The boxes of one answer, carried through newer images."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.tracking.grey import (
    GreyImage,
    MAX_FRAMES,
    PixelBox,
    share_inside,
    to_box,
    to_pixels,
)
from kosmos_ros.tracking.median_flow import carry

MIN_CORRELATION = 0.4
"""Least normalised cross correlation of a box's content with that at the answer."""

MIN_INSIDE = 0.5
"""A box that is less than this part within the image is lost."""

_PATCH = 24
"""Side in pixels that the contents of boxes are compared at."""

Patch = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Track:
    """
    A carried box.

    ``id`` stays with the object across answers, ``index`` is that of its box in the newest answer,
    ``box`` is in the newest image, normalised.
    """

    id: str
    index: int
    box: Box


@dataclass
class _LiveBox:
    """A box that is not lost yet, and its content at the answer."""

    track_id: str
    index: int
    found: ScoredBox
    place: PixelBox
    content: Patch


class CarriedBoxes:
    """
    Boxes carried from image to image until they are lost.

    A lost box is dropped for good: its content has changed since the answer, it has left the
    image, or too few of its points are found again. Nothing is guessed meanwhile.

    :param number: of the image that the boxes were found in.
    :param image: that image.
    :param boxes: of the answer.
    :param ids: of their tracks.
    """

    def __init__(
        self, number: int, image: GreyImage, boxes: Sequence[ScoredBox], ids: Sequence[str]
    ) -> None:
        self.number = number
        """Of the newest image."""
        self._image = image
        self._live = [
            _LiveBox(track_id, index, box, place, _content(image, place))
            for index, (track_id, box) in enumerate(zip(ids, boxes, strict=True))
            for place in [to_pixels(box.box, image)]
        ]
        self._past: dict[int, list[tuple[str, ScoredBox]]] = {number: self._newest()}

    def advance(self, number: int, image: GreyImage) -> None:
        """Carry the boxes to the next image; one of another size loses them all."""
        self.number = number
        if image.shape != self._image.shape:
            self._live = []
        elif self._live:
            places = carry(self._image, image, [live.place for live in self._live])
            self._live = [
                live
                for live, place in zip(self._live, places, strict=True)
                if place is not None and _arrives(live, image, place)
            ]
        self._image = image
        self._past[number] = self._newest()
        if len(self._past) > MAX_FRAMES:
            del self._past[next(iter(self._past))]

    def tracks(self) -> tuple[Track, ...]:
        """Return the boxes in the newest image that are not lost."""
        return tuple(
            Track(live.track_id, live.index, to_box(live.place, self._image))
            for live in self._live
        )

    def keep(self, ids: Collection[str]) -> None:
        """Carry only these boxes from now on, and forget the others."""
        self._live = [live for live in self._live if live.track_id in ids]
        self._past = {
            number: [item for item in boxes if item[0] in ids]
            for number, boxes in self._past.items()
        }

    def at(self, number: int) -> list[tuple[str, ScoredBox]]:
        """Return ids and boxes as they were in an image, or in the last one before it."""
        numbers = list(self._past)
        return self._past[max((one for one in numbers if one <= number), default=numbers[0])]

    def _newest(self) -> list[tuple[str, ScoredBox]]:
        return [
            (live.track_id, replace(live.found, box=to_box(live.place, self._image)))
            for live in self._live
        ]


def _arrives(live: _LiveBox, image: GreyImage, place: PixelBox) -> bool:
    """Move a box, and tell whether its content is still that at the answer."""
    live.place = place
    if share_inside(place, image) < MIN_INSIDE:
        return False
    correlation = cv2.matchTemplate(_content(image, place), live.content, cv2.TM_CCOEFF_NORMED)
    return bool(correlation[0, 0] >= MIN_CORRELATION)


def _content(image: GreyImage, place: PixelBox) -> Patch:
    """Return a box's content, stretched to a square; beyond the image its edge is repeated."""
    scale = np.maximum(place[2:] - place[:2], 1e-6) / _PATCH
    # Pixel centres are at 0 here, and half a pixel from the corner in boxes.
    start = place[:2] + scale / 2 - 0.5
    patch_to_image = np.array([[scale[0], 0.0, start[0]], [0.0, scale[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(
        image, patch_to_image, (_PATCH, _PATCH), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(patch, dtype=np.uint8)
