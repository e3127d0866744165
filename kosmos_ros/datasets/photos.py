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

from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.geometry import box_from_pixels
from kosmos_ros.core.images import load_image
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.items import Item, Opened, Question

_SAME_ASPECT = 0.03
"""How much the aspect ratios of an image and its annotation may differ by rounding."""


@dataclass(frozen=True)
class Photo:
    """An image file, and the size in pixels that its annotations are about."""

    path: Path
    width: int
    height: int


class PhotoSet(Closing):
    """
    Photographs with questions.

    :param name: of the data set and its split, for reports and in the ids of items.
    :param group: what the split is called in reports.
    :param photos: by an id that is unique, in order.
    :param questions: makes the questions about a photograph from its id.
    :raises InvalidDataError: if there are none.
    """

    def __init__(
        self,
        name: str,
        group: str,
        photos: Mapping[str, Photo],
        questions: Callable[[str], tuple[Question, ...]],
    ) -> None:
        if not photos:
            raise InvalidDataError(f'{name}: expected at least one image, there is none')
        self.name = name
        """Name of the data set and its split."""
        self._items = {
            f'{name}/{key}': Item(f'{name}/{key}', group, partial(_open, photo, key, questions))
            for key, photo in photos.items()
        }

    @property
    def group_texts(self) -> Mapping[str, str]:
        """Nothing: splits have no description."""
        return {}

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        """Return the images."""
        return iter(self._items.values())

    def item(self, item_id: str) -> Item:
        """Return an image by its id."""
        return self._items[item_id]

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _open(photo: Photo, key: str, questions: Callable[[str], tuple[Question, ...]]) -> Opened:
    try:
        image = load_image(photo.path)
    except FileNotFoundError as error:
        raise InvalidDataError(f'{photo.path}: there is no such image') from error
    height, width = image.shape[:2]
    if abs(width * photo.height / (height * photo.width) - 1) > _SAME_ASPECT:
        raise InvalidDataError(
            f'{photo.path}: the annotations are about {photo.width}x{photo.height} pixels, the '
            f'image has {width}x{height}'
        )
    return Opened(image, questions(key))


def read_json(path: Path, what: str) -> dict[str, Any]:
    """
    Read a JSON file that holds an object.

    :param what: is expected in it, for messages.
    :raises InvalidDataError: if it is missing or something else.
    """
    try:
        data = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise InvalidDataError(f'cannot read {path}: {error.strerror}; expected {what}') from error
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f'{path}: expected {what} as JSON, got: {error}') from error
    if not isinstance(data, dict):
        raise InvalidDataError(f'{path}: expected {what}, got a {type(data).__name__}')
    return data


def image_folder(candidates: Sequence[Path], file_name: str) -> Path:
    """
    Return the first folder that holds an image.

    :raises InvalidDataError: if none does, naming all.
    """
    for folder in candidates:
        if (folder / file_name).is_file():
            return folder
    tried = ', '.join(str(folder) for folder in candidates)
    raise InvalidDataError(
        f'expected the image {file_name} in one of {tried}; name its folder with --images'
    )


def box_of(corners: Sequence[float], photo: Photo, where: str) -> Box:
    """
    Return the normalised box of pixel corners (x0, y0, x1, y1), clamped to the image.

    :param where: the box is written, for messages.
    :raises InvalidDataError: if they are no box.
    """
    try:
        x0, y0, x1, y1 = (float(value) for value in corners)
        return box_from_pixels(x0, y0, x1, y1, photo.width, photo.height)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f'{where}: expected a box in pixels, got {corners!r}') from error
