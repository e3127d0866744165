# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Single images and annotations in COCO's format; those of no use are reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kosmos_ros.core.notes import Notes
from kosmos_ros.core.texts import quoted
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.photos import box_of, is_size, LONGEST_SIDE, Photo, reaches_beyond

_SMALL, _MEDIUM = 32**2, 96**2
"""Areas in pixels below which an object is small and medium, as in COCO; here those of boxes."""

_ID_BITS, _LONGEST_NAME = 200, 4096

_NO_IMAGE = "annotations whose 'image_id' is of no image, left out"
_NO_CATEGORY = "annotations whose 'category_id' is of no category, left out"
_NO_BBOX = (
    "annotations without a 'bbox' [x, y, width, height] of four numbers, sides not below 0 "
    "('segmentation' is not read), left out with all of their category in their images"
)
_OUTSIDE = "annotations whose 'bbox' covers nothing of the image, left out"
_BEYOND = "annotations whose 'bbox' reaches beyond the image, clipped"
_IMAGE_TWICE = 'images are listed more than once, taken as one'


@dataclass(frozen=True)
class AnnotatedObject:
    """
    An annotated object.

    ``box`` is None if it is outside the image or unknown; ``crowd`` if the boxes of its category
    are not complete: one stands for many objects, or one is unknown. ``category`` is empty if
    unknown.
    """

    image: str
    category: str
    box: Box | None
    size: str
    crowd: bool


def id_of(value: object) -> str | None:
    """
    Return an id as text, that of 7, 7.0 and '7' being the same; None if it is none.

    Characters that cannot be printed make it none: ids are told and written to files.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value.bit_length() > _ID_BITS:
        return None
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        text = str(value).strip()
        return text if text and text.isprintable() else None
    return None


class Images:
    """The images by their ids, each file once."""

    def __init__(self, notes: Notes) -> None:
        self.photos: dict[str, Photo] = {}
        self._same: dict[str, str] = {}
        self._by_name: dict[Path, str] = {}
        self._notes = notes

    def add(self, entry: dict[str, Any]) -> None:
        """Add an entry; a useless one becomes a photograph with a problem."""
        id_, photo = id_of(entry.get('id')), _photo(entry, self._notes.where)
        if id_ is None:
            self._notes.add("images without an 'id', left out", str(photo.path))
            return
        other = self.photos.get(id_)
        if other is not None and other != photo:
            told = (
                f"{self._notes.where}: the 'id' {id_} is that of {other.path} and of {photo.path}"
            )
            self.photos[id_] = replace(other, problem=told)
            return
        first = self._by_name.setdefault(photo.path, id_)
        if other is None and (first == id_ or photo.problem or self.photos[first] != photo):
            self.photos[id_] = photo
            return
        self._notes.add(_IMAGE_TWICE, str(photo.path))
        self._same[id_] = first

    def key(self, value: object) -> str | None:
        """Return the id of the image of an annotation, None if there is none."""
        id_ = id_of(value)
        if id_ is None:
            return None
        id_ = self._same.get(id_, id_)
        return id_ if id_ in self.photos else None


def _photo(entry: dict[str, Any], where: object) -> Photo:
    name, size = entry.get('file_name'), (entry.get('width'), entry.get('height'))
    if (
        not isinstance(name, str)
        or not name.isprintable()
        or not 0 < len(name.strip()) <= _LONGEST_NAME
    ):
        image = f'image {quoted(entry.get("id"))}'
        told = f"{where}: {image}: expected the name of a file as 'file_name', got {quoted(name)}"
        return Photo(Path(image), 1, 1, told)
    try:
        width, height = (int(float(side)) for side in size)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError, ValueError):
        width = height = 0
    if not is_size(width, height):
        got = f'{quoted(size[0])}x{quoted(size[1])}'
        told = (
            f"{where}: image {name}: expected 'width' and 'height' up to {LONGEST_SIDE} and "
            f'above 0, got {got}'
        )
        return Photo(Path(name), 1, 1, told)
    return Photo(Path(name), width, height)


def object_of(
    entry: dict[str, Any], where: str, images: Images, names: Mapping[str, str], notes: Notes
) -> AnnotatedObject | None:
    """
    Return the object of an annotation, None if its image is missing.

    :param where: name of the annotation, for messages.
    :param names: of the categories, by their ids.
    :param notes: collect what is wrong with it.
    """
    image = images.key(entry.get('image_id'))
    if image is None:
        notes.add(_NO_IMAGE, f'{where} names {quoted(entry.get("image_id"))}')
        return None
    photo = images.photos[image]
    if photo.problem:
        return AnnotatedObject(image, '', None, '', crowd=True)
    category = names.get(id_of(entry.get('category_id')) or '', '')
    if not category:
        notes.add(_NO_CATEGORY, f'{where} names {quoted(entry.get("category_id"))}')
        return AnnotatedObject(image, '', None, '', crowd=True)
    where = f'{where} of {photo.path}: {quoted(entry.get("bbox"))}'
    try:
        x, y, width, height = (float(value) for value in _sides(entry['bbox']))
        corners = (x, y, x + width, y + height)
        box = box_of(corners, photo)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        notes.add(_NO_BBOX, where)
        return AnnotatedObject(image, category, None, '', crowd=True)
    where = f'{where} in {photo.width}x{photo.height}'
    if box is None:
        notes.add(_OUTSIDE, where)
    elif reaches_beyond(corners, photo):
        notes.add(_BEYOND, where)
    crowd = entry.get('iscrowd') in (1, '1')
    return AnnotatedObject(image, category, box, _size(box, photo), crowd)


def _sides(value: object) -> list[Any]:
    """Return a list of four unchanged; a text would split into characters."""
    if not isinstance(value, list) or len(value) != 4:
        raise TypeError('expected a list of four numbers')
    return value


def _size(box: Box | None, photo: Photo) -> str:
    if box is None:
        return ''
    # Rounded, so that a box of 32x32 pixels has 1024 of them wherever it is.
    area = round((box.x1 - box.x0) * photo.width * (box.y1 - box.y0) * photo.height, 3)
    if area < _SMALL:
        return 'small'
    return 'medium' if area < _MEDIUM else 'large'
