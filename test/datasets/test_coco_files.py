# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Annotations as tools export them: what is careless is read, what makes no sense is named."""

from __future__ import annotations

import codecs
from contextlib import suppress
import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.coco import coco
from kosmos_ros.datasets.coco_files import Instances, read_instances
from kosmos_ros.evaluation.questions.cases import Kind

from .folders import instances, write_coco

NAN, INFINITY = float('nan'), float('inf')


def read(folder: Path, content: object) -> Instances:
    """Write annotations and read them."""
    file = folder / 'instances.json'
    file.write_text(json.dumps(content))
    return read_instances(file)


def boxes_of(read_in: Instances, image: str = '7') -> list[tuple[str, Box | None]]:
    return [(one.category, one.box) for one in read_in.objects if one.image == image]


GOOD = [
    ('dog', Box(0, 0, 0.5, 0.5)),
    ('dog', Box(0.5, 0.5, 1, 1)),
    ('cat', Box(0.25, 0.25, 0.75, 0.75)),
]


def changed(**fields: object) -> dict[str, Any]:
    """Return annotations of which each has other fields: what a function makes of its place."""
    content = instances()
    for number, entry in enumerate(content['annotations']):
        for name, make in fields.items():
            entry[name] = make(number, entry)  # type: ignore[operator]
    return content


@pytest.mark.parametrize('make', [lambda n, e: 0, lambda n, e: 'x', lambda n, e: n // 2])
def test_ids_of_annotations_that_repeat_lose_no_box(tmp_path: Path, make: object) -> None:
    found = read(tmp_path, changed(id=make))
    assert boxes_of(found) == GOOD
    assert "6 annotations share their 'id'" in str(found.notes)
    assert not found.by_id


@pytest.mark.parametrize('make', [lambda n, e: f'c33c-{n}', lambda n, e: None, lambda n, e: [n]])
def test_ids_of_annotations_may_be_anything(tmp_path: Path, make: object) -> None:
    found = read(tmp_path, changed(id=make))
    assert boxes_of(found) == GOOD
    assert not found.notes.lines()


def test_ids_are_the_same_as_numbers_and_as_texts(tmp_path: Path) -> None:
    content = changed(
        image_id=lambda n, e: str(e['image_id']),
        category_id=lambda n, e: float(e['category_id']),
        bbox=lambda n, e: [str(value) for value in e['bbox']],
    )
    assert boxes_of(read(tmp_path, content)) == GOOD
    for entry in content['images']:
        entry['id'] = f'img-{entry["id"]}'
    for entry in content['annotations']:
        entry['image_id'] = f'img-{entry["image_id"]}'
    found = read(tmp_path, content)
    assert boxes_of(found, 'img-7') == GOOD
    assert list(found.images) == ['img-7', 'img-8', 'img-9']


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16', 'utf-16-le', 'utf-32'])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / 'instances.json'
    file.write_bytes(codecs.encode(json.dumps(instances()), encoding))
    assert boxes_of(read_instances(file)) == GOOD


@pytest.mark.parametrize(
    ('box', 'kept', 'words'),
    [
        ([10, 10, 0, 5], None, 'covers nothing of the image, left out'),
        ([70, 10, 20, 5], None, '[70, 10, 20, 5] in 64x48'),
        ([-30, 0, 20, 10], None, 'covers nothing of the image'),
        ([-16, 0, 48, 24], Box(0, 0, 0.5, 0.5), 'reaches beyond the image, clipped'),
        ([32, 24, 99, 99], Box(0.5, 0.5, 1, 1), 'reaches beyond the image, clipped'),
        ([32, 24, 32.4, 24], Box(0.5, 0.5, 1, 1), ''),
    ],
)
def test_boxes_end_where_the_image_does(
    tmp_path: Path, box: list[float], kept: Box | None, words: str
) -> None:
    content = instances()
    content['annotations'][3]['bbox'] = box
    found = read(tmp_path, content)
    assert boxes_of(found, '8') == [('dog', kept)]
    assert words in str(found.notes)
    assert bool(words) == bool(found.notes.lines())


@pytest.mark.parametrize(
    'box',
    [
        *(None, [], [1, 2, 3], {'x': 1}, 'left', '1234', [1, 2, -3, 4], [1, 2, 3, -4]),
        *([NAN, 0, 1, 1], [0, 0, INFINITY, 1], [0, 0, 1, 10**400], [None, 0, 1, 1]),
    ],
)
def test_a_box_that_nobody_knows_leaves_its_category_out(tmp_path: Path, box: object) -> None:
    folder = write_coco(tmp_path)
    content = instances('{}.png')
    content['annotations'][0]['bbox'] = box
    (folder / 'instances.json').write_text(json.dumps(content))
    data = coco(folder)
    asked = [one.case.request.query for one in data.item('coco/7').open().questions]
    assert asked == ['cat', 'traffic light']
    (warning,) = data.warnings
    assert "instances.json: 1 annotations without a 'bbox'" in warning
    assert 'annotation 1 of 7.png' in warning


def test_a_box_outside_is_neither_there_nor_is_its_category_absent(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    content = instances('{}.png')
    content['annotations'][0]['bbox'] = [64, 0, 9, 9]
    content['annotations'][3]['bbox'] = [64, 0, 9, 9]
    (folder / 'instances.json').write_text(json.dumps(content))
    data = coco(folder, absent=9)
    dogs, cat, _ = data.item('coco/7').open().questions
    assert [thing.box for thing in dogs.case.things] == [GOOD[1][1]]
    assert dogs.traits['things'] == '1'
    assert cat.case.request.query == 'cat'
    asked = [one.case.request.query for one in data.item('coco/8').open().questions]
    assert asked == ['cat', 'traffic light']


@pytest.mark.parametrize('value', [None, 99, '', [1], True])
def test_things_of_no_category_are_told_of_and_nothing_is_called_absent(
    tmp_path: Path, value: object
) -> None:
    folder = write_coco(tmp_path)
    content = instances('{}.png')
    content['annotations'][0]['category_id'] = value
    (folder / 'instances.json').write_text(json.dumps(content))
    data = coco(folder)
    questions = data.item('coco/7').open().questions
    assert [one.case.request.query for one in questions] == ['dog', 'cat']
    assert all(one.case.kind is Kind.CATEGORY for one in questions)
    assert (
        f"'category_id' is of no category, left out (annotation 1 names {value!r}"
        in (data.warnings[0])
    )


def test_an_annotation_of_no_image_is_told_of(tmp_path: Path) -> None:
    content = instances()
    content['annotations'][5]['image_id'] = 99
    content['annotations'][4]['image_id'] = None
    del content['annotations'][4]['id']
    found = read(tmp_path, content)
    assert boxes_of(found) == GOOD
    assert 'annotation number 4 names None, annotation 6 names 99' in str(found.notes)


def test_what_is_written_twice_is_taken_once(tmp_path: Path) -> None:
    content = instances()
    again = [{**entry, 'id': 100 + entry['id']} for entry in content['annotations']]
    content['annotations'] += again
    content['images'] += [{**content['images'][1], 'id': 70}, content['images'][2]]
    content['annotations'][3]['image_id'] = 70
    found = read(tmp_path, content)
    assert boxes_of(found) == GOOD
    assert len(boxes_of(found, '8')) == 1
    assert list(found.images) == ['7', '8', '9']
    assert '6 annotations repeat another' in str(found.notes)
    assert '2 images are listed more than once' in str(found.notes)


def test_images_that_make_no_sense_are_skipped_and_the_others_asked_about(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    content = instances('{}.png')
    content['images'] += [
        {**content['images'][0], 'file_name': 'other.png'},
        {'id': 1, 'file_name': 'a.png', 'width': INFINITY, 'height': 48},
        {'id': 2, 'file_name': None, 'width': 64, 'height': 48},
        {'id': 3, 'width': 64, 'height': 48},
        {'id': 4, 'file_name': 'b.png'},
        {'file_name': 'c.png', 'width': 64, 'height': 48},
    ]
    (folder / 'instances.json').write_text(json.dumps(content))
    data = coco(folder)
    for image, words in (
        ('7', 'that of 7.png and of other.png'),
        ('1', "a.png: expected 'width' and 'height' above 0, got infx48"),
        ('2', "as 'file_name', got None"),
        ('3', "image 3: expected the name of a file as 'file_name'"),
        ('4', 'above 0, got NonexNone'),
    ):
        with pytest.raises(InvalidDataError, match=rf'instances\.json: .*{words}'):
            data.item(f'coco/{image}').open()
    assert [len(data.item(f'coco/{image}').open().questions) for image in (8, 9)] == [2, 2]
    assert any("1 images without an 'id', left out (c.png)" in told for told in data.warnings)


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'annotations': None}, "'annotations' is a NoneType instead of a list"),
        ({'images': {'1': {}}}, "'images' is a dict instead of a list"),
        ({'annotations': [[1, 2]]}, r"'annotations' as a list of objects, number 0 is \[1, 2\]"),
        ({'categories': [{'id': 1, 'name': None}]}, "'id' and 'name' .*, got None"),
        ({'categories': [{'name': 'dog'}]}, "'id' is missing"),
        ({'categories': []}, "none of the annotations .*'category_id' is of no category"),
        (
            {'categories': [{'id': 1, 'name': 'dog'}, {'id': '1', 'name': 'cat'}]},
            "'dog' and 'cat' have 1",
        ),
    ],
)
def test_files_that_cannot_be_understood_are_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidDataError, match=rf'instances\.json: .*{words}'):
        read(tmp_path, instances() | change)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda some: (
        st.lists(some, max_size=4) | st.dictionaries(st.text(max_size=3), some, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=VALUES)
def test_any_value_in_any_place_is_refused_or_harmless(
    tmp_path: Path, data: st.DataObject, value: object
) -> None:
    folder = tmp_path / 'data'
    content: Any = instances('{}.png')
    if not folder.exists():
        write_coco(folder)
    place = content
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    (folder / 'instances.json').write_text(json.dumps(content))
    with suppress(InvalidDataError):
        for item in coco(folder):
            with suppress(InvalidDataError):
                for question in item.open().questions:
                    assert all(thing.box.x1 > thing.box.x0 for thing in question.case.things)


@pytest.mark.parametrize('name', ['images', 'annotations', 'categories'])
def test_a_missing_list_is_named(tmp_path: Path, name: str) -> None:
    content = instances()
    del content[name]
    with pytest.raises(InvalidDataError, match=rf"instances\.json: .*'{name}' is missing"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        (gzip.compress(b'{}', mtime=0), 'packed by gzip; unpack it first'),
        (b'PK\x03\x04rest', 'packed by zip'),
        (b'{"images": [],}', r'as JSON, got: .*line 1 column 15'),
        (b'', 'as JSON, got'),
        (b'\xff\xd8\xff', 'as JSON, got'),
        (b'[]', 'got a list'),
    ],
)
def test_what_is_no_json_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / 'instances.json'
    file.write_bytes(content)
    with pytest.raises(InvalidDataError, match=rf'instances\.json: expected COCO .*{words}'):
        read_instances(file)
