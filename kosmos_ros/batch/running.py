# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks a model about pictures one after the other, keeping each answer as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from kosmos_ros.batch.answered import Answered, merged
from kosmos_ros.batch.sources import Shot, Source
from kosmos_ros.core.drawing import draw_grounding
from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images import RgbImage, save_image
from kosmos_ros.core.pictures import FrameKey
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.results.journal import Journal
from kosmos_ros.results.plain import to_plain

_KEPT_ENDINGS = frozenset(('.png', '.jpg', '.jpeg'))
"""Formats that an annotated picture keeps; others become JPEG."""


@dataclass(frozen=True)
class Step:
    """One picture done: whether it was answered now, and why not if it cannot be read."""

    name: str
    is_new: bool
    problem: str = ''


@dataclass
class Batch:
    """
    The same questions about many pictures.

    ``pictures`` is the folder for annotated pictures, None for none. ``rotation`` is how many
    degrees pictures have to be turned clockwise to be upright.
    """

    grounder: Grounder
    requests: Sequence[GroundingRequest]
    journal: Journal
    pictures: Path | None = None
    rotation: int = 0

    def run(self, source: Source, on_step: Callable[[Step], None]) -> None:
        """
        Ask about all pictures that the journal has no answers about.

        A picture that cannot be read is told of and passed over; it is tried again by the next
        run.

        :param on_step: told of each picture.
        :raises KosmosError: if the model fails, or the source turns out to be damaged.
        :raises OSError: if a result cannot be written.
        """
        for number, shot in enumerate(source):
            if shot.name in self.journal.done:
                on_step(Step(shot.name, is_new=False))
                continue
            try:
                image = shot.read()
            except (InvalidImageError, OSError) as error:
                on_step(Step(shot.name, is_new=True, problem=str(error)))
                continue
            self._ask(shot, image, number)
            on_step(Step(shot.name, is_new=True))

    def _ask(self, shot: Shot, image: RgbImage, number: int) -> None:
        frame = FrameKey('batch', 0, number)
        answers = tuple(
            self.grounder.ground(image, request, source=frame, rotation=self.rotation)
            for request in self.requests
        )
        if self.pictures is not None:
            path = self.pictures / picture_name(shot.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            save_image(path, draw_grounding(image, merged(answers)))
        height, width = image.shape[:2]
        # Last, so that what the journal has is complete.
        self.journal.append(shot.name, to_plain(Answered(width, height, answers, shot.stamp_ns)))


def picture_name(name: str) -> str:
    """Return the file name of an annotated picture."""
    suffix = Path(name).suffix.lower()
    kept = suffix in _KEPT_ENDINGS and suffix in Image.registered_extensions()
    return name if kept else f'{name}.jpg'
