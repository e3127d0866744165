# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import pickle

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.evaluation.cases import Kind
from training.finetuning.data import open_photos
from training.finetuning.settings import Settings

MakeSettings = Callable[..., Settings]


def test_held_out_images_are_not_learned_and_stay_the_same(make_settings: MakeSettings) -> None:
    photos = open_photos(make_settings(held_out=0.4))
    learned = {item.id for item, _ in photos.learned}
    measured = {item.id for item in photos.measured}
    assert (len(learned), len(measured)) == (3, 2)
    assert not learned & measured
    again = open_photos(make_settings(held_out=0.4))
    assert {item.id for item in again.measured} == measured


def test_every_absent_category_is_learned_but_one_is_measured(
    make_settings: MakeSettings,
) -> None:
    photos = open_photos(make_settings())
    for _, questions in photos.learned:
        (present,) = [one.case.request.query for one in questions if one.case.things]
        absent = {one.case.request.query for one in questions if one.case.kind is Kind.ABSENT}
        assert absent == {'gasket', 'flange', 'bolt'} - {present}
    kinds = [one.case.kind for one in photos.measured[0].open().questions]
    assert kinds.count(Kind.ABSENT) == 1


def test_a_crowd_is_neither_there_nor_absent(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    path = parts_folder / 'instances.json'
    content = json.loads(path.read_text())
    content['annotations'][0]['iscrowd'] = 1
    path.write_text(json.dumps(content))
    photos = open_photos(make_settings(seed=1))
    (asked,) = [asked for item, asked in photos.learned if item.id == 'coco/0']
    assert {one.case.request.query for one in asked} == {'flange', 'bolt'}


def test_an_image_that_cannot_be_read_is_named_before_anything_is_learned(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    for path in (parts_folder / 'images').glob('*.png'):
        path.write_bytes(b'no image')
    with pytest.raises(ValueError, match=r'parts/images/\d\.png'):
        open_photos(make_settings())


def test_a_missing_image_is_named(make_settings: MakeSettings, parts_folder: Path) -> None:
    for number in (1, 2, 3, 4):
        (parts_folder / 'images' / f'{number}.png').unlink()
    with pytest.raises(InvalidDataError, match=r'images/\d\.png: there is no such image'):
        open_photos(make_settings())


def test_a_folder_without_boxes_is_refused(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    path = parts_folder / 'instances.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | {'annotations': []}))
    with pytest.raises(InvalidDataError, match='expected boxes to learn from'):
        open_photos(make_settings())


def test_one_image_is_too_few(make_settings: MakeSettings, parts_folder: Path) -> None:
    path = parts_folder / 'instances.json'
    content = json.loads(path.read_text())
    content |= {'images': content['images'][:1], 'annotations': content['annotations'][:1]}
    path.write_text(json.dumps(content))
    with pytest.raises(InvalidDataError, match='at least 2 images'):
        open_photos(make_settings())


def write_expressions(folder: Path, entries: list[tuple[int, str, str]]) -> None:
    """Turn the folder into one of RefCOCO: (annotation, split, sentence)."""
    home = folder / 'refcoco'
    home.mkdir()
    (folder / 'instances.json').rename(home / 'instances.json')
    references = [
        {'ann_id': number, 'split': split, 'sentences': [{'sent': text}]}
        for number, split, text in entries
    ]
    with (home / 'refs(unc).p').open('wb') as stream:
        pickle.dump(references, stream, protocol=2)


def test_expressions_have_their_own_splits(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    write_expressions(
        parts_folder, [(0, 'train', 'lower left'), (1, 'train', 'the blue'), (2, 'val', 'red')]
    )
    photos = open_photos(make_settings(format='refcoco'))
    asked = [one.case.request.query for _, questions in photos.learned for one in questions]
    assert asked == ['lower left', 'the blue']
    assert [one.case.request.query for one in photos.measured[0].open().questions] == ['red']


def test_an_image_of_both_splits_is_refused(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    write_expressions(parts_folder, [(0, 'train', 'red'), (0, 'val', 'the square')])
    with pytest.raises(InvalidDataError, match='1 images are in both splits'):
        open_photos(make_settings(format='refcoco'))
