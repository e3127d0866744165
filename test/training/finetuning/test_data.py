# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import pickle

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.evaluation.questions.cases import Kind
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


def test_images_that_cannot_be_read_are_named_before_anything_is_learned(
    make_settings: MakeSettings, parts_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of those learned and of those measured one each; the rest is used."""
    whole = open_photos(make_settings(held_out=0.4))
    bad, gone = whole.learned[0][0].id, whole.measured[0].id
    (parts_folder / 'images' / f'{bad.removeprefix("coco/")}.png').write_bytes(b'no image')
    (parts_folder / 'images' / f'{gone.removeprefix("coco/")}.png').unlink()
    photos = open_photos(make_settings(held_out=0.4))
    assert [item.id for item, _ in photos.learned] == [item.id for item, _ in whole.learned[1:]]
    assert [item.id for item in photos.measured] == [item.id for item in whole.measured[1:]]
    assert [record.getMessage().partition(': ')[0] for record in caplog.records] == [
        f'skipped {bad}',
        f'skipped {gone}',
    ]
    assert 'there is no such image' in caplog.text


def test_without_any_image_nothing_is_learned(
    make_settings: MakeSettings, parts_folder: Path
) -> None:
    for path in (parts_folder / 'images').glob('*.png'):
        path.write_bytes(b'no image')
    with pytest.raises(InvalidDataError, match=r'none of 4 can be used.*images/\d\.png'):
        open_photos(make_settings())


def test_what_is_wrong_in_the_annotations_is_told_once(
    make_settings: MakeSettings, parts_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader is that of ``kosmos-ros eval``; its tests tell the rest."""
    path = parts_folder / 'instances.json'
    content = json.loads(path.read_text())
    for entry in content['annotations']:
        entry['id'] = 0
    path.write_text(json.dumps(content))
    photos = open_photos(make_settings())
    assert all(any(one.case.things for one in asked) for _, asked in photos.learned)
    assert caplog.text.count("5 annotations share their 'id'") == 1


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
