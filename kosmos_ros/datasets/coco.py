# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Folders in COCO's format: the names of categories are what is asked for.

Every category that is in an image is asked for, all of its objects at once, and one category that
is not: annotations are taken to be complete. A category with a crowd in the image is left out, and
so is one with an unreadable box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.datasets.coco_entries import AnnotatedObject
from kosmos_ros.datasets.coco_files import Instances, read_instances
from kosmos_ros.datasets.image_files import with_files
from kosmos_ros.datasets.photos import as_phrase, PhotoSet
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import TraitedCase
from kosmos_ros.evaluation.questions.labels import absent_case, Labels

_ANNOTATIONS = (
    'instances.json',
    'annotations.json',
    '_annotations.coco.json',
    'annotations/instances_{split}.json',
    '{split}/_annotations.coco.json',
    'annotations/instances.json',
)


def coco(
    folder: Path, split: str = '', images: Path | None = None, absent: int | None = 1
) -> PhotoSet:
    """
    Open a folder.

    :param folder: holds instances.json, or is the file of annotations itself.
    :param split: as in ``annotations/instances_val2017.json``, empty where there is one file.
    :param images: folder of the images, by default beside the annotations, in ``images`` or in a
        folder named like the split.
    :param absent: how many of the categories that are not in an image are asked for, at most;
        None: as many as of those that are.
    :raises InvalidDataError: if a file is missing or wrong, or there are no images.
    """
    file = _annotations(folder, split)
    instances = read_instances(file)
    if not instances.images:
        raise InvalidDataError(f'{file}: expected at least one image, there is none')
    folders = (images,) if images else tuple(_image_folders(file, split))
    photos = with_files(instances.images, folders, instances.notes)
    by_image: dict[str, list[AnnotatedObject]] = defaultdict(list)
    for annotated in instances.objects:
        by_image[annotated.image].append(annotated)
    name = f'coco-{split}' if split else 'coco'

    def questions(key: str) -> tuple[TraitedCase, ...]:
        objects = by_image.get(key, [])
        present = tuple(_present(objects))
        count = len(present) if absent is None else absent
        return (*present, *_absent(objects, instances, key, count))

    def labels(key: str) -> Labels:
        objects = by_image.get(key, [])
        alone = [one.case.request.query for one in _present(objects) if len(one.case.things) == 1]
        return instances.labels(objects, alone)

    return PhotoSet(name, split or 'all', photos, questions, instances.notes.lines(), labels)


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


def _present(objects: list[AnnotatedObject]) -> Iterator[TraitedCase]:
    by_category: dict[str, list[AnnotatedObject]] = defaultdict(list)
    for annotated in objects:
        by_category[annotated.category].append(annotated)
    for category, members in by_category.items():
        phrase = as_phrase(category)
        boxes = tuple(NamedBox(category, annotated.box) for annotated in members if annotated.box)
        if not phrase or not boxes or any(annotated.crowd for annotated in members):
            continue
        sizes = {annotated.size for annotated in members if annotated.box}
        traits = {
            'category': category,
            'things': str(len(boxes)) if len(boxes) < 5 else '5 and more',
            'size': sizes.pop() if len(sizes) == 1 else 'mixed',
        }
        request = GroundingRequest(phrase, Task.LOCATE, literal=True)
        yield TraitedCase(Case(Kind.CATEGORY, request, boxes), traits)


def _absent(
    objects: list[AnnotatedObject], instances: Instances, image: str, count: int
) -> Iterator[TraitedCase]:
    there = {annotated.category for annotated in objects}
    if '' in there:
        return  # an object in the image might be any of the others
    missing = [name for name in instances.categories if name not in there and as_phrase(name)]
    rng = Random(int(image) if image.isdecimal() else image)
    for category in rng.sample(missing, min(count, len(missing))):
        yield absent_case(as_phrase(category), category)
