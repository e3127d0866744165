# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Annotations in COCO's format: ``images``, ``annotations`` and ``categories`` in one JSON file.

Of the format (https://cocodataset.org/#format-data) the boxes are used: ``bbox`` is
[x, y, width, height] in pixels from the upper left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.photos import box_of, Photo, read_json

_SMALL, _MEDIUM = 32**2, 96**2
"""Areas in pixels below which a thing is small and medium, as in COCO; here those of boxes."""


@dataclass(frozen=True)
class Thing:
    """An annotated thing; ``crowd`` if one box stands for many of them."""

    image: int
    category: str
    box: Box
    size: str
    crowd: bool


@dataclass(frozen=True)
class Instances:
    """Images and things by their ids, and all names of categories; paths have no folder yet."""

    images: dict[int, Photo]
    things: dict[int, Thing]
    categories: tuple[str, ...]


def read_instances(path: Path) -> Instances:
    """
    Read annotations.

    :raises InvalidDataError: if they are missing or incomplete.
    """
    what = "COCO annotations with 'images', 'annotations' and 'categories'"
    data = read_json(path, what)
    try:
        names = {int(one['id']): str(one['name']) for one in data['categories']}
        images = {int(one['id']): _photo(one, path) for one in data['images']}
        things = {int(one['id']): _thing(one, images, names, path) for one in data['annotations']}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidDataError):
            raise
        told = f'{error} is missing' if isinstance(error, KeyError) else str(error)
        raise InvalidDataError(f'{path}: expected {what}, {told}') from error
    return Instances(images, things, tuple(dict.fromkeys(names.values())))


def _photo(entry: dict[str, Any], path: Path) -> Photo:
    name, width, height = entry['file_name'], int(entry['width']), int(entry['height'])
    where = f'{path}: image {entry["id"]}'
    if not isinstance(name, str) or not name.isprintable():
        raise InvalidDataError(f'{where}: expected the name of a file, got {name!r}')
    if width <= 0 or height <= 0:
        raise InvalidDataError(
            f'{where}: expected a width and a height above 0, got {width}x{height}'
        )
    return Photo(Path(name), width, height)


def _thing(
    entry: dict[str, Any], images: dict[int, Photo], names: dict[int, str], path: Path
) -> Thing:
    where = f'{path}: annotation {entry["id"]}'
    image, category = int(entry['image_id']), int(entry['category_id'])
    if image not in images or category not in names:
        raise InvalidDataError(
            f'{where} names the image {image} and the category {category}, which the file lacks'
        )
    try:
        x, y, width, height = (float(value) for value in entry['bbox'])
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f'{where}: expected a bbox [x, y, width, height], got {entry["bbox"]!r}'
        ) from error
    return Thing(
        image=image,
        category=names[category],
        box=box_of((x, y, x + width, y + height), images[image], where),
        size=_size(width * height),
        crowd=bool(entry.get('iscrowd', 0)),
    )


def _size(area: float) -> str:
    if area < _SMALL:
        return 'small'
    return 'medium' if area < _MEDIUM else 'large'
