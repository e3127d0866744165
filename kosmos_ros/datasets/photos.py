# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What data sets of annotated photographs have in common: files, boxes, and the set itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
import json
from pathlib import Path
from typing import Any
import unicodedata

from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.geometry import box_from_pixels
from kosmos_ros.core.images.images import load_image
from kosmos_ros.core.texts import told
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.questions.items import OpenedSample, Sample, TraitedCase
from kosmos_ros.evaluation.questions.labels import Labels

_SAME_ASPECT = 0.03
"""How much the aspect ratios of an image and its annotation may differ by rounding."""
_BEYOND = 1.0
"""Pixels that a box may reach beyond its image by rounding."""
_LEAST = 0.01
"""Pixels that a box must have in width and height."""

LONGEST_SIDE = 1_000_000
"""Pixels; no format of ``core.images`` comes near."""

_LARGEST_FILE = 2 * 1024**3
"""Bytes of annotations; COCO's own have half a gigabyte."""

_PACKED = {b'\x1f\x8b': 'gzip', b'PK\x03\x04': 'zip', b'\x28\xb5\x2f\xfd': 'zstd'}


@dataclass(frozen=True)
class Photo:
    """
    An image file, and the size in pixels that its annotations are about.

    ``problem`` says why nothing can be asked about it; empty: no known problem.
    """

    path: Path
    width: int
    height: int
    problem: str = ''


class PhotoSet(Closing):
    """
    Photographs with questions.

    :param name: of the data set and its split, for reports and in the ids of items.
    :param group: the split's name in reports.
    :param photos: by an id that is unique, in order.
    :param questions: makes the questions about a photograph from its id.
    :param warnings: errors in the annotations that were left out or corrected.
    :param labels: tells what is known of the things in a photograph from its id.
    :raises InvalidDataError: if there are none.
    """

    def __init__(
        self,
        name: str,
        group: str,
        photos: Mapping[str, Photo],
        questions: Callable[[str], tuple[TraitedCase, ...]],
        warnings: tuple[str, ...] = (),
        labels: Callable[[str], Labels] = lambda _: Labels(),
    ) -> None:
        if not photos:
            raise InvalidDataError(f'{name}: expected at least one image, there is none')
        self.name, self.warnings = name, warnings
        self._questions = {f'{name}/{key}': partial(questions, key) for key in photos}
        self._labels = {f'{name}/{key}': partial(labels, key) for key in photos}
        self.group_texts: Mapping[str, str] = {}
        """Empty: splits have no description."""
        self._items = {
            f'{name}/{key}': Sample(f'{name}/{key}', group, partial(_open, photo, key, questions))
            for key, photo in photos.items()
        }

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self._items.values())

    def item(self, item_id: str) -> Sample:
        """Return an image by its id."""
        return self._items[item_id]

    def questions(self, item_id: str) -> tuple[TraitedCase, ...]:
        """Return the questions about an image without reading it."""
        return self._questions[item_id]()

    def labels(self, item_id: str) -> Labels:
        """Return what is known of the things in an image, by which texts about it are judged."""
        return self._labels[item_id]()

    def close(self) -> None:
        """There is nothing to close."""


def _open(
    photo: Photo, key: str, questions: Callable[[str], tuple[TraitedCase, ...]]
) -> OpenedSample:
    if photo.problem:
        raise InvalidDataError(photo.problem)
    try:
        image = load_image(photo.path)
    except FileNotFoundError as error:
        raise InvalidDataError(f'{photo.path}: there is no such image') from error
    except OSError as error:
        raise InvalidDataError(f'cannot read {photo.path}: {error.strerror}') from error
    height, width = image.shape[:2]
    if not _same_aspect(photo, width, height):
        swapped = _same_aspect(photo, height, width)
        turned = (
            ': sides are swapped, as where annotations leave the EXIF orientation out; save the '
            'image upright, and write the size and boxes of what is seen then'
        )
        raise InvalidDataError(
            f'{photo.path}: the annotations are about {photo.width}x{photo.height} pixels, the '
            f'image has {width}x{height}{turned if swapped else ""}'
        )
    return OpenedSample(image, questions(key))


def _same_aspect(photo: Photo, width: int, height: int) -> bool:
    return abs(width * photo.height / (height * photo.width) - 1) <= _SAME_ASPECT


def is_size(width: int, height: int) -> bool:
    """Tell whether an image may have this size in pixels."""
    return 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE


def read_file(path: Path, what: str) -> bytes:
    """
    Read a file of annotations.

    :param what: what is expected in it, for messages.
    :raises InvalidDataError: if it is missing, no regular file, or larger than any annotations.
    """
    try:
        if path.exists() and not path.is_file():
            raise InvalidDataError(f'{path}: expected {what}, it is no regular file')
        if path.stat().st_size > _LARGEST_FILE:
            raise InvalidDataError(f'{path}: expected {what}, got more than {_LARGEST_FILE} bytes')
        return path.read_bytes()
    except OSError as error:
        raise InvalidDataError(f'cannot read {path}: {error.strerror}; expected {what}') from error


def read_json(path: Path, what: str) -> dict[str, Any]:
    """
    Read a JSON file that holds an object, in UTF-8, -16 or -32, with or without a byte order mark.

    :param what: what is expected in it, for messages.
    :raises InvalidDataError: if it is missing or something else.
    """
    content = read_file(path, what)
    for start, name in _PACKED.items():
        if content.startswith(start):
            raise InvalidDataError(
                f'{path}: expected {what} as JSON, got a file packed by {name}; unpack it first'
            )
    try:
        data = json.loads(content)
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidDataError(f'{path}: expected {what} as JSON, got: {told(error)}') from error
    if not isinstance(data, dict):
        raise InvalidDataError(f'{path}: expected {what}, got a {type(data).__name__}')
    return data


def as_phrase(text: str) -> str:
    """
    Return a text as one phrase of LOCATE.

    White space is normalised, characters that no query may hold are left out, and ';', at which
    LOCATE would split it, becomes a comma.
    """
    kept = ''.join(
        character
        for character in text.replace(';', ',')
        if character.isspace() or unicodedata.category(character) not in ('Cc', 'Cs')
    )
    return ' '.join(kept.split())


def box_of(corners: Sequence[float], photo: Photo) -> Box | None:
    """
    Return the normalised box of pixel corners (x0, y0, x1, y1), clamped to the image.

    :returns: None if it covers nothing of the image.
    :raises ValueError: if they are no box: inverted, or not finite.
    """
    x0, y0, x1, y1 = corners
    box = box_from_pixels(x0, y0, x1, y1, photo.width, photo.height)
    width, height = (box.x1 - box.x0) * photo.width, (box.y1 - box.y0) * photo.height
    return box if min(width, height) >= _LEAST else None


def reaches_beyond(corners: Sequence[float], photo: Photo) -> bool:
    """Tell whether pixel corners lie outside the image by more than rounding."""
    x0, y0, x1, y1 = corners
    return min(x0, y0) < -_BEYOND or x1 > photo.width + _BEYOND or y1 > photo.height + _BEYOND
