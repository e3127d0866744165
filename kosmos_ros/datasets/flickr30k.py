# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Flickr30k Entities as published (Plummer et al. 2015): phrases of captions and their boxes.

The files are those of https://github.com/BryanPlummer/flickr30k_entities, in one folder:

    val.txt  test.txt         ids of images, one in each line
    Sentences/ID.txt          captions: [/EN#283585/people Two young guys] with ...
    Annotations/ID.xml        boxes of the entities, by the same numbers
    flickr30k-images/ID.jpg   the images, which come from elsewhere

As in the protocol that results are published with, phrases without a box are not asked for, and
boxes are taken as they are written, without adding a pixel to their right and lower edges. On
request as many phrases of other images are asked for that do not fit: of people, animals, vehicles
and instruments, of which no caption of the image mentions any. Nobody checked that there is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.notes import Notes
from kosmos_ros.core.texts import quoted, told
from kosmos_ros.core.types import Box, GroundingRequest, MAX_ALTERNATIVES, Task
from kosmos_ros.datasets.image_files import with_files
from kosmos_ros.datasets.photos import (
    as_phrase,
    box_of,
    is_size,
    LONGEST_SIDE,
    Photo,
    PhotoSet,
    read_file,
)
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.items import TraitedCase
from kosmos_ros.evaluation.questions.labels import Labels, Mention, name_words, OtherPhrases

_IMAGES = ('flickr30k-images', 'flickr30k_images', 'images', '.')
_OPENING = '[/EN#'
_SIDES = ('xmin', 'ymin', 'xmax', 'ymax')
_LONGEST_ID = 40
_SALIENT = ('people', 'animals', 'vehicles', 'instruments')
"""Types of entities that one of five captions would mention, if any were there."""

_ARTICLES = ('a ', 'an ', 'the ')
"""What a phrase begins with that names a thing by itself, as 'he' does not."""

_OUTSIDE = 'boxes that cover nothing of their image, left out'


@dataclass(frozen=True)
class CaptionPhrase:
    """A phrase of a caption: its entity's number and types, and the words before it."""

    entity: str
    types: tuple[str, ...]
    text: str
    before: str


@dataclass(frozen=True)
class _Annotation:
    """An image with the boxes of its entities; none if they are missing."""

    photo: Photo
    boxes: dict[str, tuple[Box, ...]]


def flickr30k(
    folder: Path, split: str = 'test', images: Path | None = None, *, absent: bool = False
) -> PhotoSet:
    """
    Open a split.

    :param split: name of a list of ids, such as val or test.
    :param images: folder of the images, if not one of the usual ones.
    :param absent: whether as many phrases that do not fit are asked for.
    :raises InvalidDataError: if a file is missing or wrong, or the split is empty.
    """
    ids = _text(folder / f'{split}.txt', 'ids of images, one in each line').split()
    if not ids:
        raise InvalidDataError(f'{folder / split}.txt: the split is empty')
    if wrong := [key for key in ids if not (key.isdecimal() and len(key) < _LONGEST_ID)]:
        raise InvalidDataError(
            f'{folder / split}.txt: expected ids as numbers, got {quoted(wrong[0])}'
        )
    notes = Notes(folder / 'Annotations')
    annotations = {key: _annotation_or_problem(folder, key, notes) for key in ids}
    photos = with_files(
        {key: annotation.photo for key, annotation in annotations.items()},
        (images,) if images else [folder / one for one in _IMAGES],
        notes,
    )

    def said(key: str) -> list[CaptionPhrase]:
        file = folder / 'Sentences' / f'{key}.txt'
        captions = _text(file, 'captions with their phrases in brackets').splitlines()
        return [phrase for one in captions for phrase in caption_phrases(one, str(file))]

    def mentions() -> Iterator[Mention]:
        for key in ids:
            with suppress(InvalidDataError):  # told where the image is opened
                yield from _mentions(said(key))

    others = OtherPhrases(mentions() if absent else ())

    def questions(key: str) -> tuple[TraitedCase, ...]:
        boxes, phrases = annotations[key].boxes, said(key)
        present = tuple(
            _question(one, boxes[one.entity]) for one in phrases if one.entity in boxes
        )
        there = {name for one in phrases for name in one.types}
        texts = [f'{one.before} {one.text}' for one in phrases]
        return (*present, *others.absent(there, texts, len(present) if absent else 0, key))

    def labels(key: str) -> Labels:
        return _labels(said(key), annotations[key].boxes)

    return PhotoSet(f'flickr30k-{split}', split, photos, questions, notes.lines(), labels)


def caption_phrases(caption: str, where: str = 'the caption') -> Iterator[CaptionPhrase]:
    """
    Return the phrases of an annotated caption, which messages call ``where``.

    :raises InvalidDataError: if a bracket is not closed or names no entity.
    """
    words: list[str] = []
    tokens = iter(caption.split())
    for token in tokens:
        if not token.startswith(_OPENING):
            words.append(token)
            continue
        entity, *types = token[len(_OPENING) :].split('/')
        phrase: list[str] = []
        for inner in tokens:
            phrase.append(inner.removesuffix(']'))
            if inner.endswith(']'):
                break
        else:
            raise InvalidDataError(f'{where}: expected a bracket to end in {quoted(caption, 200)}')
        if not entity.isdecimal() or not types:
            raise InvalidDataError(
                f'{where}: expected {_OPENING}number/type, got {quoted(token)} in '
                f'{quoted(caption, 200)}'
            )
        text = as_phrase(' '.join(phrase))
        if text:
            yield CaptionPhrase(entity, tuple(types), text, ' '.join(words))
        words += phrase


def _labels(phrases: Sequence[CaptionPhrase], boxes: Mapping[str, tuple[Box, ...]]) -> Labels:
    """Return what captions tell about other texts, by the nouns whose things all have boxes."""
    nouns = [
        (words[-1], boxes.get(one.entity, ()))
        for one in phrases
        if (words := name_words(one.text)) and 'of' not in words
    ]
    unclear = {noun for noun, found in nouns if not found}
    things = [NamedBox(noun, box) for noun, found in nouns if noun not in unclear for box in found]
    return Labels(
        tuple(dict.fromkeys(things)),  # captions mention a thing more than once
        tuple(dict.fromkeys(thing.name for thing in things)),
        tuple(
            one.text
            for one in phrases
            if len(boxes.get(one.entity, ())) == 1 and one.text.lower().startswith(_ARTICLES)
        ),
    )


def _mentions(phrases: Iterable[CaptionPhrase]) -> Iterator[Mention]:
    for phrase in phrases:
        if phrase.types[0] in _SALIENT:
            yield Mention(phrase.text, phrase.types[0], phrase.text.split()[-1])


def _question(phrase: CaptionPhrase, boxes: tuple[Box, ...]) -> TraitedCase:
    things = tuple(NamedBox(phrase.text, box) for box in boxes)
    request = GroundingRequest(
        phrase.text, Task.LOCATE, alternatives=MAX_ALTERNATIVES, literal=True
    )
    traits = {'type': phrase.types[0], 'boxes': '1' if len(boxes) == 1 else '2 and more'}
    return TraitedCase(Case(Kind.PHRASE, request, things, before=phrase.before), traits)


def _annotation_or_problem(folder: Path, key: str, notes: Notes) -> _Annotation:
    name = Path(f'{key}.jpg')
    try:
        return _annotation(folder / 'Annotations' / f'{key}.xml', name, notes)
    except InvalidDataError as error:
        return _Annotation(Photo(name, 1, 1, str(error)), {})


def _annotation(file: Path, name: Path, notes: Notes) -> _Annotation:
    text = _text(file, 'boxes as XML')
    if '<!' in text:
        # XML entities that expand to ever longer texts could fill the memory.
        raise InvalidDataError(f'{file}: expected plain XML, got one with declarations')
    try:
        root = ET.fromstring(text)  # noqa: S314  declarations are refused above
        photo = _photo(root, name)
        boxes: dict[str, list[Box]] = defaultdict(list)
        for thing in root.iterfind('object'):
            bounds = thing.find('bndbox')
            if bounds is None:
                continue
            corners = [_number(bounds, side) for side in _SIDES]
            box = box_of(corners, photo)
            if box is None:
                notes.add(_OUTSIDE, f'{corners} of {name} in {photo.width}x{photo.height}')
                continue
            for entity in thing.iterfind('name'):
                boxes[str(entity.text)].append(box)
    except (ET.ParseError, ArithmeticError, TypeError, ValueError) as error:
        raise InvalidDataError(f'{file}: expected boxes as XML, got: {told(error)}') from error
    return _Annotation(photo, {entity: tuple(found) for entity, found in boxes.items()})


def _photo(root: ET.Element, name: Path) -> Photo:
    width, height = _number(root, 'size/width'), _number(root, 'size/height')
    if not is_size(width, height):
        raise ValueError(
            f'a width and a height up to {LONGEST_SIDE} and above 0 are expected, not '
            f'{quoted(width)}x{quoted(height)}'
        )
    return Photo(name, width, height)


def _number(element: ET.Element, path: str) -> int:
    text = element.findtext(path)
    if text is None:
        raise ValueError(f'{element.tag}/{path} is missing')
    return int(text)


def _text(file: Path, what: str) -> str:
    try:
        return read_file(file, what).decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise InvalidDataError(f'{file}: expected {what}, it is no text ({error})') from error
