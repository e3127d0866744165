# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Folders in COCO's format: the names of categories are what is asked for.

Every category that is in an image is asked for, all of its things at once, and one category that
is not: annotations are taken to be complete. A category with a crowd in the image is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.datasets.coco_files import Instances, read_instances, Thing
from kosmos_ros.datasets.photos import image_folder, PhotoSet
from kosmos_ros.datasets.phrases import as_phrase
from kosmos_ros.evaluation.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.items import Question

_ANNOTATIONS = (
    'instances.json',
    'annotations.json',
    '_annotations.coco.json',
    'annotations/instances_{split}.json',
    '{split}/_annotations.coco.json',
    'annotations/instances.json',
)


def coco(folder: Path, split: str = '', images: Path | None = None, absent: int = 1) -> PhotoSet:
    """
    Open a folder.

    :param folder: holds instances.json, or is the file of annotations itself.
    :param split: as in ``annotations/instances_val2017.json``, empty where there is one file.
    :param images: folder of the images, by default beside the annotations, in ``images`` or in
        a folder called like the split.
    :param absent: how many of the categories that are not in an image are asked for, at most.
    :raises InvalidDataError: if a file is missing or wrong, or there are no images.
    """
    file = _annotations(folder, split)
    instances = read_instances(file)
    if not instances.images:
        raise InvalidDataError(f'{file}: expected at least one image, there is none')
    first = str(next(iter(instances.images.values())).path)
    root = image_folder((images,) if images else tuple(_image_folders(file, split)), first)
    by_image: dict[int, list[Thing]] = defaultdict(list)
    for thing in instances.things.values():
        by_image[thing.image].append(thing)
    photos = {
        str(number): replace(photo, path=root / photo.path)
        for number, photo in instances.images.items()
    }
    name = f'coco-{split}' if split else 'coco'

    def questions(key: str) -> tuple[Question, ...]:
        things = by_image.get(int(key), [])
        return (*_present(things), *_absent(things, instances, int(key), absent))

    return PhotoSet(name, split or 'all', photos, questions)


def _annotations(folder: Path, split: str) -> Path:
    if folder.is_file():
        return folder
    names = [name.format(split=split) for name in _ANNOTATIONS if split or '{' not in name]
    if split:
        names.sort(key=lambda name: split not in name)
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InvalidDataError(f'{folder}: expected COCO annotations in one of {", ".join(names)}')


def _image_folders(file: Path, split: str) -> Iterator[Path]:
    for base in (file.parent, file.parent.parent):
        yield base
        yield base / 'images'
        if split:
            yield base / split
            yield base / 'images' / split


def _present(things: list[Thing]) -> Iterator[Question]:
    by_category: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        by_category[thing.category].append(thing)
    for category, members in by_category.items():
        phrase = as_phrase(category)
        if not phrase or any(thing.crowd for thing in members):
            continue
        boxes = tuple(NamedBox(category, thing.box) for thing in members)
        sizes = {thing.size for thing in members}
        traits = {
            'category': category,
            'things': str(len(members)) if len(members) < 5 else '5 and more',
            'size': sizes.pop() if len(sizes) == 1 else 'mixed',
        }
        request = GroundingRequest(phrase, Task.LOCATE)
        yield Question(Case(Kind.CATEGORY, request, boxes), traits)


def _absent(
    things: list[Thing], instances: Instances, image: int, count: int
) -> Iterator[Question]:
    there = {thing.category for thing in things}
    missing = [name for name in instances.categories if name not in there and as_phrase(name)]
    for category in Random(image).sample(missing, min(count, len(missing))):
        request = GroundingRequest(as_phrase(category), Task.LOCATE)
        yield Question(Case(Kind.ABSENT, request), {'category': category})
