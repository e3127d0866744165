# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Annotations in COCO's format: ``images``, ``annotations`` and ``categories`` in one JSON file.

Of the format (https://cocodataset.org/#format-data) the boxes are used: ``bbox`` is [x, y, width,
height] in pixels from the upper left. Exports are often careless with the rest, so ids may be
numbers or texts, those of annotations need not be unique, and an invalid entry is left out and
reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.notes import Notes
from kosmos_ros.core.texts import quoted, readable
from kosmos_ros.datasets.coco_entries import AnnotatedObject, id_of, Images, object_of
from kosmos_ros.datasets.photos import Photo, read_json
from kosmos_ros.evaluation.questions.cases import NamedBox
from kosmos_ros.evaluation.questions.labels import Labels

_WHAT = "COCO annotations with 'images', 'annotations' and 'categories'"
_SAME_ID = "annotations share their 'id' with others, each taken as one of its own"
_TWICE = 'annotations repeat another with the same box, left out'


@dataclass(frozen=True)
class Instances:
    """
    Images by their ids, objects, and all names of categories; paths have no folder yet.

    ``by_id`` are the objects that have an id of their own; ``notes`` say what was wrong.
    """

    images: dict[str, Photo]
    objects: tuple[AnnotatedObject, ...]
    by_id: dict[str, AnnotatedObject]
    categories: tuple[str, ...]
    notes: Notes

    def labels(self, objects: Sequence[AnnotatedObject], phrases: Sequence[str]) -> Labels:
        """
        Return what all objects of an image tell about texts, categories without a crowd alone.

        :param phrases: that name one of them each.
        """
        unclear = {annotated.category for annotated in objects if annotated.crowd}
        if any(not annotated.category for annotated in objects):
            return Labels()  # an object in the image might be of any category
        return Labels(
            tuple(
                NamedBox(annotated.category, annotated.box)
                for annotated in objects
                if annotated.box and annotated.category not in unclear
            ),
            tuple(name for name in self.categories if name not in unclear),
            tuple(phrases),
        )


def read_instances(path: Path) -> Instances:
    """
    Read annotations.

    :raises InvalidDataError: if they are missing, of another format, or none of them is usable.
    """
    data = read_json(path, _WHAT)
    names = _categories(_entries(data, 'categories', path), path)
    notes = Notes(path)
    images = Images(notes)
    for entry in _entries(data, 'images', path):
        images.add(entry)
    entries = _entries(data, 'annotations', path)
    objects, by_id = _objects(entries, images, names, notes)
    # For unusable images, the reason matters, not that their boxes are unusable too.
    sound = any(not photo.problem for photo in images.photos.values()) or not images.photos
    if entries and sound and not any(annotated.box for annotated in objects):
        raise InvalidDataError(f'{path}: none of the annotations can be used: {notes}')
    categories = tuple(dict.fromkeys(names.values()))
    return Instances(images.photos, objects, by_id, categories, notes)


def _objects(
    entries: list[dict[str, Any]], images: Images, names: Mapping[str, str], notes: Notes
) -> tuple[tuple[AnnotatedObject, ...], dict[str, AnnotatedObject]]:
    """Return the objects, each once, and those with an id of their own by it."""
    ids = Counter(id_of(entry.get('id')) for entry in entries)
    objects: dict[AnnotatedObject, None] = {}
    by_id = {}
    for number, entry in enumerate(entries):
        id_ = id_of(entry.get('id'))
        where = (
            f'annotation {quoted(entry["id"])}' if 'id' in entry else f'annotation number {number}'
        )
        annotated = object_of(entry, where, images, names, notes)
        if id_ is not None and ids[id_] > 1:
            notes.add(_SAME_ID, quoted(entry['id']))
        if annotated is None:
            continue
        if id_ is not None and ids[id_] == 1:
            by_id[id_] = annotated
        if annotated.box and annotated in objects:
            notes.add(_TWICE, where)
        objects[annotated] = None
    return tuple(objects), by_id


def _entries(data: dict[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    """Return a list of the file; it is an error if it is missing or no list of objects."""
    if name not in data:
        raise InvalidDataError(f'{path}: expected {_WHAT}, {name!r} is missing')
    entries = data[name]
    if not isinstance(entries, list):
        raise InvalidDataError(
            f'{path}: expected {_WHAT}, {name!r} is a {type(entries).__name__} instead of a list'
        )
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise InvalidDataError(
                f'{path}: expected {name!r} as a list of objects, number {number} is '
                f'{quoted(entry)}'
            )
    return entries


def _categories(entries: list[dict[str, Any]], path: Path) -> dict[str, str]:
    """Return the names of categories by their ids; it is an error if two share one."""
    names: dict[str, str] = {}
    for entry in entries:
        id_, name = id_of(entry.get('id')), _name(entry.get('name'))
        for field, value in (('id', id_), ('name', name)):
            if value is None:
                told = f'got {quoted(entry[field])}' if field in entry else f'{field!r} is missing'
                raise InvalidDataError(
                    f"{path}: expected categories with 'id' and 'name' as numbers or texts, {told}"
                )
        if names.setdefault(str(id_), str(name)) != name:
            raise InvalidDataError(
                f"{path}: expected categories with an 'id' of their own, {names[str(id_)]!r} and "
                f'{name!r} have {id_}'
            )
    return names


def _name(value: object) -> str | None:
    """Return the name of a category, None if it is none."""
    return id_of(readable(value) if isinstance(value, str) else value)
