# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks a model about pictures one after the other, storing each answer at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kosmos_ros.batch.answered import Answered, merged
from kosmos_ros.batch.sources import PictureSource, Shot
from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage, save_image
from kosmos_ros.core.images.views import FrameKey
from kosmos_ros.core.plain import to_plain
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.results.journal import Journal


@dataclass
class Batch:
    """
    The same questions about many pictures.

    ``pictures`` is the folder for annotated pictures, ``frames`` that for plain copies, named by
    ``frame_name``; None for none. ``rotation`` is how many degrees pictures have to be turned
    clockwise to be upright.
    """

    grounder: Grounder
    requests: Sequence[GroundingRequest]
    journal: Journal
    pictures: Path | None = None
    rotation: int = 0
    frames: Path | None = None

    def run(self, source: PictureSource, on_done: Callable[[str, str], None]) -> None:
        """
        Ask about all pictures without answers in the journal.

        A picture that cannot be read is reported and skipped; the next run tries it again.

        :param on_done: called after each picture with its name and why it cannot be read, if so.
        :raises KosmosError: if the model fails, or the source turns out to be damaged.
        :raises OSError: if a result cannot be written.
        """
        for number, shot in enumerate(source):
            is_new = shot.name not in self.journal.done
            frame = None if self.frames is None else self.frames / frame_name(shot.name)
            if not is_new and (frame is None or frame.is_file()):
                on_done(shot.name, '')
                continue
            try:
                image = shot.read()
            except (InvalidImageError, OSError) as error:
                on_done(shot.name, str(error))
                continue
            if frame is not None:
                _save(frame, image)
            if is_new:
                self._ask(shot, image, number)
            on_done(shot.name, '')

    def _ask(self, shot: Shot, image: RgbImage, number: int) -> None:
        frame = FrameKey('batch', 0, number)
        answers = tuple(
            self.grounder.ground(image, request, source=frame, rotation=self.rotation)
            for request in self.requests
        )
        if self.pictures is not None:
            drawing = draw_grounding(image, merged(answers), looks=False)
            _save(self.pictures / shot.picture, drawing)
        height, width = image.shape[:2]
        # Last, so that entries of the journal are complete.
        self.journal.append(shot.name, to_plain(Answered(width, height, answers, shot.stamp_ns)))


def frame_name(name: str) -> str:
    """Return the file name of the plain copy of an image of a recording."""
    return f'{name}.png'


def _save(path: Path, image: RgbImage) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(path, image)
