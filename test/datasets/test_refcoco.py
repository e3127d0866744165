# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.refcoco``."""

from __future__ import annotations

import json
from pathlib import Path
import pickle
import re

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.refcoco import refcoco
from kosmos_ros.evaluation.questions.cases import Kind

from .folders import references, write_image, write_refcoco


def test_every_sentence_is_a_question(tmp_path: Path) -> None:
    data = refcoco('refcoco', write_refcoco(tmp_path), 'val')
    assert data.name == 'refcoco-val'
    assert [item.id for item in data] == ['refcoco-val/7', 'refcoco-val/8']
    assert {item.group for item in data} == {'val'}
    opened = data.item('refcoco-val/7').open()
    assert opened.image.shape == (48, 64, 3)
    cases = [question.case for question in opened.questions]
    assert [case.request.query for case in cases] == [
        'dog at the top left',
        'left dog',
        'the other dog, lower right',
    ]
    assert all(case.kind is Kind.EXPRESSION and case.request.literal for case in cases)
    assert cases[0].things[0].box == Box(0, 0, 0.5, 0.5)
    assert cases[2].things[0].box == Box(0.5, 0.5, 1, 1)
    assert opened.questions[1].traits == {'category': 'dog', 'size': 'small', 'words': '1 or 2'}


def test_splits_are_kept_apart(tmp_path: Path) -> None:
    data = refcoco('refcoco', write_refcoco(tmp_path), 'testA')
    (item,) = data
    (question,) = item.open().questions
    assert question.case.things[0].name == 'cat'


@pytest.mark.parametrize(
    ('name', 'split_by', 'given'),
    [('refcoco+', 'unc', ''), ('refcocog', 'umd', ''), ('refcocog', 'google', 'google')],
)
def test_all_three_are_read(tmp_path: Path, name: str, split_by: str, given: str) -> None:
    assert len(refcoco(name, write_refcoco(tmp_path, name, split_by), 'val', given)) == 2


def test_the_folder_itself_and_images_elsewhere_will_do(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path / 'data')
    (folder / 'images').rename(tmp_path / 'photos')
    images = tmp_path / 'photos/mscoco/images/train2014'
    with pytest.raises(InvalidDataError, match=r'COCO_train2014_000000000007\.jpg.*--images'):
        refcoco('refcoco', folder / 'refcoco')
    assert next(iter(refcoco('refcoco', folder / 'refcoco', images=images))).open()


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match=r"instances\.json: No such file.*'annotations'"):
        refcoco('refcoco', tmp_path)
    folder = write_refcoco(tmp_path)
    with pytest.raises(InvalidDataError, match=r'refs\(umd\)\.p.* there is refs\(unc\)\.p'):
        refcoco('refcoco', folder, split_by='umd')
    with pytest.raises(InvalidDataError, match="split 'testB' is empty; there are testA, val"):
        refcoco('refcoco', folder, 'testB')


def test_wrong_contents_are_named(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path)
    file = folder / 'refcoco/refs(unc).p'
    for content, message in (
        ({'split': 'val'}, 'expected a list of dictionaries .*got a dict'),
        ([{'split': 'val', 'ann_id': 1}], "'sentences' is missing"),
        ([{'split': 'val', 'ann_id': 99, 'sentences': []}], 'annotation 99 is not in instances'),
        (['val'], 'got a str in place of a dictionary'),
        ([{'split': 'val', 'ann_id': [1]}], "expected 'ann_id' as int, got a list"),
        ([{'split': 'val', 'ann_id': 1, 'sentences': [{'sent': 5}]}], "'sent' as str, got a int"),
        ([], 'is empty; there are none'),
    ):
        file.write_bytes(pickle.dumps(content))
        with pytest.raises(InvalidDataError, match=message):
            refcoco('refcoco', folder)


def test_wrong_annotations_are_named(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path)
    file = folder / 'refcoco/instances.json'
    whole = json.loads(file.read_text())
    for change, message in (
        ({'images': []}, "'image_id' is of no image.*names 7"),
        ({'categories': [{'id': 1}]}, "'name' is missing"),
        ({'annotations': [{**whole['annotations'][0], 'bbox': [1, 2]}]}, 'without a .bbox.'),
        (
            {'annotations': [{**whole['annotations'][0], 'bbox': [9, 9, -3, 1]}]},
            r'\[9, 9, -3, 1\]',
        ),
        ({'images': [{**one, 'width': 0} for one in whole['images']]}, 'above 0, got 0x48'),
        (
            {'images': [{**one, 'file_name': 'a\0.jpg'} for one in whole['images']]},
            'the name of a file',
        ),
        ({'images': 3}, 'expected COCO annotations'),
    ):
        file.write_text(json.dumps({**whole, **change}))
        with pytest.raises(InvalidDataError, match=message):
            refcoco('refcoco', folder)
    file.write_text('{"images"')
    with pytest.raises(InvalidDataError, match=r'instances\.json: expected .* as JSON'):
        refcoco('refcoco', folder)


def test_expressions_of_things_without_a_box_are_left_out_and_told_of(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path)
    file = folder / 'refcoco/instances.json'
    whole = json.loads(file.read_text())
    whole['annotations'][0]['bbox'] = [64, 0, 9, 9]
    whole['images'][1]['height'] = None
    file.write_text(json.dumps(whole))
    data = refcoco('refcoco', folder)
    (question,) = data.item('refcoco-val/7').open().questions
    assert question.case.request.query == 'the other dog, lower right'
    assert any(
        re.search(r"1 expressions left out, .*'dog at the top left'", w) for w in data.warnings
    )
    with pytest.raises(InvalidDataError, match='above 0, got 64xNone'):
        data.item('refcoco-val/8').open()


def test_images_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path)
    image = folder / 'images/mscoco/images/train2014/COCO_train2014_000000000007.jpg'
    data = refcoco('refcoco', folder)
    write_image(image, 32, 24)  # only made smaller
    assert data.item('refcoco-val/7').open()
    write_image(image, 48, 64)
    with pytest.raises(InvalidDataError, match='about 64x48 pixels, the image has 48x64'):
        data.item('refcoco-val/7').open()
    image.unlink()
    with pytest.raises(InvalidDataError, match='there is no such image'):
        data.item('refcoco-val/7').open()


def test_sentences_about_others_are_absent_where_their_category_is(tmp_path: Path) -> None:
    folder = write_refcoco(tmp_path)
    file = folder / 'refcoco' / 'refs(unc).p'
    entries = [entry | {'split': 'val'} for entry in references()]
    file.write_bytes(pickle.dumps(entries, protocol=2))
    data = refcoco('refcoco', folder, 'val', absent=True)
    absent = {
        item.id: [
            one.case.request.query
            for one in data.questions(item.id)
            if one.case.kind is Kind.ABSENT
        ]
        for item in data
    }
    # Cats and dogs are in 7 and 9; in 8 there is no cat.
    assert absent == {
        'refcoco-val/7': [],
        'refcoco-val/8': ['the cat in the upper left corner of it'],
        'refcoco-val/9': [],
    }


def test_labels_tell_of_all_objects_of_an_image_whoever_spoke_of_them(tmp_path: Path) -> None:
    labels = refcoco('refcoco', write_refcoco(tmp_path)).labels('refcoco-val/7')
    assert [thing.name for thing in labels.things] == ['dog', 'dog', 'cat']
    assert labels.names == ('dog', 'cat', 'traffic light')
    assert labels.phrases == ('dog at the top left', 'left dog', 'the other dog, lower right')
