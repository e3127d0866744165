# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
RefCOCO, RefCOCO+ and RefCOCOg as published (Yu et al. 2016, Mao et al. 2016).

The files are those of https://github.com/lichengunc/refer, below one folder:

    refcoco/refs(unc).p  refcoco/instances.json      splits val, testA, testB
    refcoco+/refs(unc).p  refcoco+/instances.json    splits val, testA, testB
    refcocog/refs(umd).p  refcocog/instances.json    splits val, test
    images/mscoco/images/train2014/COCO_train2014_*.jpg

Each sentence about an object is a separate question. On request as many sentences about other
images are asked for, of which the categories of instances.json, complete for each image, exclude
that they fit: those that name their category, which is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.texts import quoted, readable
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.datasets.coco_entries import AnnotatedObject, id_of
from kosmos_ros.datasets.coco_files import Instances, read_instances
from kosmos_ros.datasets.image_files import with_files
from kosmos_ros.datasets.photos import as_phrase, PhotoSet
from kosmos_ros.datasets.plain_pickle import read_plain_pickle
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import TraitedCase
from kosmos_ros.evaluation.questions.labels import Labels, Mention, OtherPhrases, words_of

SPLIT_BY = {'refcoco': 'unc', 'refcoco+': 'unc', 'refcocog': 'umd'}
"""Names of the data sets, and who made the splits that are reported in papers."""

_IMAGES = ('images/mscoco/images/train2014', 'images/train2014', 'train2014', 'images', '.')

_WHAT = "a list of dictionaries with 'split', 'ann_id' and 'sentences'"

_NO_BOX = "expressions left out, since the 'bbox' of their object cannot be used"

T = TypeVar('T')


@dataclass(frozen=True)
class _Reference:
    """What people said to single out one object."""

    annotated: AnnotatedObject
    sentences: tuple[str, ...]


def refcoco(
    name: str,
    folder: Path,
    split: str = 'val',
    split_by: str = '',
    images: Path | None = None,
    *,
    absent: bool = False,
) -> PhotoSet:
    """
    Open a split.

    :param name: refcoco, refcoco+ or refcocog.
    :param folder: holds the folder of that name, or is it.
    :param split_by: unc, umd or google; empty: the one that is reported in papers.
    :param images: folder of the images, if not one of the usual ones.
    :param absent: whether as many sentences that do not fit are asked for.
    :raises InvalidDataError: if a file is missing or wrong, or the split is empty.
    """
    home = folder / name if (folder / name).is_dir() else folder
    file = home / f'refs({split_by or SPLIT_BY[name]}).p'
    instances = read_instances(home / 'instances.json')
    by_image = _references(file, split, instances)
    places = (
        (images,)
        if images
        else tuple(base / one for base in (folder, home, folder.parent) for one in _IMAGES)
    )
    objects: dict[str, list[AnnotatedObject]] = defaultdict(list)
    for annotated in instances.objects:
        objects[annotated.image].append(annotated)
    others = OtherPhrases(_mentions(by_image) if absent else ())
    found = {key: instances.images[key] for key in by_image}
    photos = with_files(found, places, instances.notes)

    def questions(key: str) -> tuple[TraitedCase, ...]:
        present = tuple(
            _question(sentence, reference.annotated)
            for reference in by_image[key]
            for sentence in reference.sentences
        )
        there = {annotated.category for annotated in objects[key]}
        # An object of an unknown category might be what a sentence is about.
        if not absent or '' in there:
            return present
        return (*present, *others.absent(there, there, len(present), key))

    def labels(key: str) -> Labels:
        said = [sentence for reference in by_image[key] for sentence in reference.sentences]
        return instances.labels(objects[key], said)

    return PhotoSet(f'{name}-{split}', split, photos, questions, instances.notes.lines(), labels)


def _references(file: Path, split: str, instances: Instances) -> dict[str, list[_Reference]]:
    """Return the references of a split by their images."""
    if not file.is_file():
        there = ', '.join(sorted(path.name for path in file.parent.glob('refs(*).p'))) or 'none'
        raise InvalidDataError(f'{file}: there is no such file; of its kind there is {there}')
    entries = read_plain_pickle(file)
    if not isinstance(entries, list):
        raise InvalidDataError(f'{file}: expected {_WHAT}, got a {type(entries).__name__}')
    chosen: dict[str, list[_Reference]] = defaultdict(list)
    splits = set()
    for entry in entries:
        its_split = _field(entry, 'split', str, file)
        splits.add(its_split)
        if its_split == split:
            reference = _reference(entry, instances, file)
            if reference.sentences:
                _sort_in(reference, chosen, instances)
    if not chosen:
        there = readable(', '.join(sorted(splits)))[:200] or 'none'
        raise InvalidDataError(f'{file}: the split {split!r} is empty; there are {there}')
    return chosen


def _mentions(by_image: dict[str, list[_Reference]]) -> Iterator[Mention]:
    """Yield the sentences that name the category of their object."""
    for reference in (one for references in by_image.values() for one in references):
        category = reference.annotated.category
        for sentence in reference.sentences:
            if category and set(words_of(category)) <= set(words_of(sentence)):
                yield Mention(sentence, category, category)


def _sort_in(
    reference: _Reference, chosen: dict[str, list[_Reference]], instances: Instances
) -> None:
    """Put a reference with those of its image, which is named even if it cannot be used."""
    annotated = reference.annotated
    if annotated.box:
        chosen[annotated.image].append(reference)
    elif instances.images[annotated.image].problem:
        chosen.setdefault(annotated.image, [])
    else:
        instances.notes.add(_NO_BOX, quoted(reference.sentences[0]))


def _reference(entry: object, instances: Instances, file: Path) -> _Reference:
    given = _field(entry, 'ann_id', int, file)
    id_ = id_of(given)
    if id_ is None or id_ not in instances.by_id:
        raise InvalidDataError(
            f'{file}: annotation {quoted(given)} is not in instances.json beside it, or shares '
            'its id there'
        )
    sentences = (
        as_phrase(_field(sentence, 'sent', str, file))
        for sentence in _field(entry, 'sentences', list, file)
    )
    return _Reference(instances.by_id[id_], tuple(filter(None, sentences)))


def _field(entry: object, name: str, kind: type[T], file: Path) -> T:
    """Return a value of an unchecked dictionary."""
    if not isinstance(entry, dict):
        raise InvalidDataError(
            f'{file}: expected {_WHAT}, got a {type(entry).__name__} in place of a dictionary'
        )
    if name not in entry:
        raise InvalidDataError(f'{file}: expected {_WHAT}, {name!r} is missing')
    value = entry[name]
    if not isinstance(value, kind):
        raise InvalidDataError(
            f'{file}: expected {name!r} as {kind.__name__}, got a {type(value).__name__}'
        )
    return value


def _question(sentence: str, annotated: AnnotatedObject) -> TraitedCase:
    objects = (NamedBox(annotated.category, annotated.box),) if annotated.box else ()
    case = Case(Kind.EXPRESSION, GroundingRequest(sentence, Task.LOCATE, literal=True), objects)
    traits = {'category': annotated.category, 'size': annotated.size, 'words': _length(sentence)}
    return TraitedCase(case, traits)


def _length(sentence: str) -> str:
    count = len(sentence.split())
    if count <= 2:
        return '1 or 2'
    return '3 to 5' if count <= 5 else '6 and more'
