# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.coco``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.datasets.coco import coco
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.questions.labels import Labels

from .folders import write_coco


def test_categories_are_asked_for(tmp_path: Path) -> None:
    data = coco(write_coco(tmp_path))
    assert [item.id for item in data] == ['coco/7', 'coco/8', 'coco/9']
    dogs, cat, absent = data.item('coco/7').open().questions
    assert (dogs.case.kind, dogs.case.request.query) == (Kind.CATEGORY, 'dog')
    assert len(dogs.case.things) == 2
    assert dogs.traits == {'category': 'dog', 'things': '2', 'size': 'small'}
    assert len(cat.case.things) == 1
    assert (absent.case.kind, absent.case.request.query) == (Kind.ABSENT, 'traffic light')
    assert not absent.case.things


def test_crowds_are_not_asked_for(tmp_path: Path) -> None:
    questions = coco(write_coco(tmp_path)).item('coco/9').open().questions
    asked = [question.case.request.query for question in questions]
    assert asked == ['cat', 'traffic light']


def test_the_same_absent_category_each_time(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    first, second = ([item.open().questions for item in coco(folder)] for _ in range(2))
    assert first == second


def test_splits_and_files(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    (folder / 'annotations').mkdir()
    file = folder / 'annotations/instances_val2017.json'
    (folder / 'instances.json').rename(file)
    (folder / 'images').rename(folder / 'val2017')
    assert coco(folder, 'val2017').name == 'coco-val2017'
    assert len(coco(file, images=folder / 'val2017')) == 3
    with pytest.raises(InvalidDataError, match=r'instances\.json, .*expected COCO|expected COCO'):
        coco(folder)


def test_no_images_is_an_error(tmp_path: Path) -> None:
    (tmp_path / 'instances.json').write_text('{"images":[],"annotations":[],"categories":[]}')
    with pytest.raises(InvalidDataError, match='expected at least one image'):
        coco(tmp_path)


def test_as_much_is_asked_for_that_is_absent_as_that_is_there(tmp_path: Path) -> None:
    data = coco(write_coco(tmp_path), absent=None)
    kinds = [[one.case.kind is Kind.ABSENT for one in data.questions(item.id)] for item in data]
    # Of three categories image 7 has two, 8 one; of those of 9 one is a crowd.
    assert [sum(absent) for absent in kinds] == [1, 1, 1]
    assert data.questions('coco/8') == data.item('coco/8').open().questions


def test_labels_tell_of_every_category_but_those_with_a_crowd(tmp_path: Path) -> None:
    data = coco(write_coco(tmp_path))
    seven, nine = data.labels('coco/7'), data.labels('coco/9')
    assert [thing.name for thing in seven.things] == ['dog', 'dog', 'cat']
    assert seven.names == ('dog', 'cat', 'traffic light')
    assert seven.phrases == ('cat',)
    assert [thing.name for thing in nine.things] == ['cat']
    assert nine.names == ('cat', 'traffic light')


def test_with_an_object_of_no_category_labels_tell_nothing(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    file = folder / 'instances.json'
    content = json.loads(file.read_text())
    content['annotations'][0]['category_id'] = 99
    file.write_text(json.dumps(content))
    data = coco(folder)
    assert data.labels('coco/7') == Labels()
    assert data.labels('coco/8').names
