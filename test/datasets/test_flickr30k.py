# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.flickr30k``."""

from __future__ import annotations

from pathlib import Path
import re

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.flickr30k import caption_phrases, CaptionPhrase, flickr30k
from kosmos_ros.evaluation.questions.cases import Kind

from .folders import annotation_xml, write_flickr30k


def test_phrases_with_boxes_are_asked_for(tmp_path: Path) -> None:
    data = flickr30k(write_flickr30k(tmp_path))
    assert [item.id for item in data] == ['flickr30k-test/100', 'flickr30k-test/200']
    questions = data.item('flickr30k-test/100').open().questions
    assert [(one.case.before, one.case.request.query) for one in questions] == [
        ('', 'A man'),
        ('A man in', 'a hard hat'),
        ('', 'He'),
        ('He sees', 'two dogs'),
        ('He sees two dogs near', 'the man'),
    ]
    assert [len(one.case.things) for one in questions] == [1, 1, 1, 2, 1]
    assert questions[0].case.things[0].box == Box(0, 0, 0.5, 0.5)
    assert questions[1].traits == {'type': 'clothing', 'boxes': '1'}
    assert questions[3].traits == {'type': 'people', 'boxes': '2 and more'}


def test_captions_are_taken_apart() -> None:
    caption = '[/EN#283585/people Two young guys] with [/EN#2/bodyparts/other shaggy hair] .'
    assert list(caption_phrases(caption)) == [
        CaptionPhrase('283585', ('people',), 'Two young guys', ''),
        CaptionPhrase('2', ('bodyparts', 'other'), 'shaggy hair', 'Two young guys with'),
    ]


@pytest.mark.parametrize(
    ('caption', 'message'),
    [('[/EN#1/people A man', 'bracket to end'), ('[/EN#x/people A man]', 'expected .*number')],
)
def test_wrong_captions_are_named(caption: str, message: str) -> None:
    with pytest.raises(InvalidDataError, match=rf'7\.txt: .*{message}'):
        list(caption_phrases(caption, '7.txt'))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = write_flickr30k(tmp_path)
    with pytest.raises(InvalidDataError, match=r'cannot read .*train\.txt.*ids of images'):
        flickr30k(folder, 'train')
    with pytest.raises(InvalidDataError, match=r'val\.txt: the split is empty'):
        flickr30k(folder, 'val')
    (folder / 'Sentences/200.txt').unlink()
    with pytest.raises(InvalidDataError, match=r'200\.txt: No such file.*captions'):
        flickr30k(folder).item('flickr30k-test/200').open()
    (folder / 'Annotations/200.xml').unlink()
    data = flickr30k(folder)
    with pytest.raises(InvalidDataError, match=r'200\.xml: No such file.*boxes as XML'):
        data.item('flickr30k-test/200').open()
    assert data.item('flickr30k-test/100').open().questions
    (folder / 'Annotations/100.xml').unlink()
    with pytest.raises(InvalidDataError, match=r'none of the 2 images.*100\.xml: No such file'):
        flickr30k(folder)


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('<width>64</width>', '', 'annotation/size/width is missing'),
        ('<xmin>0</xmin>', '<xmin>left</xmin>', 'invalid literal'),
        ('</annotation>', '', 'expected boxes as XML'),
        ('<width>64</width>', '<width>0</width>', 'above 0 .* not 0x48'),
        ('<annotation>', '<!DOCTYPE a [<!ENTITY b "c">]><annotation>', 'declarations'),
    ],
)
def test_wrong_boxes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = write_flickr30k(tmp_path)
    (folder / 'Annotations/100.xml').write_text(annotation_xml('100').replace(old, new, 1))
    data = flickr30k(folder)
    with pytest.raises(InvalidDataError, match=rf'100\.xml: .*{message}'):
        data.item('flickr30k-test/100').open()
    assert data.item('flickr30k-test/200').open().questions


def test_boxes_outside_are_left_out_and_told_of(tmp_path: Path) -> None:
    folder = write_flickr30k(tmp_path)
    text = annotation_xml('100').replace('<xmax>32</xmax>', '<xmax>0</xmax>', 1)
    (folder / 'Annotations/100.xml').write_text(f'\ufeff{text}', encoding='utf-8')
    data = flickr30k(folder)
    asked = [one.case.request.query for one in data.item('flickr30k-test/100').open().questions]
    assert asked == ['a hard hat', 'two dogs']
    (warning,) = data.warnings
    assert re.search(r'1 boxes that cover nothing .*\[0, 0, 0, 24\] of 100.jpg', warning)


def test_ids_are_numbers(tmp_path: Path) -> None:
    folder = write_flickr30k(tmp_path)
    (folder / 'test.txt').write_text('100\n../100\n')
    with pytest.raises(InvalidDataError, match=r"test\.txt: expected ids as numbers.*'\.\./100'"):
        flickr30k(folder)


def test_files_that_are_no_text_are_named(tmp_path: Path) -> None:
    folder = write_flickr30k(tmp_path)
    (folder / 'test.txt').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(InvalidDataError, match=r'test\.txt: .*no text'):
        flickr30k(folder)


def test_phrases_of_others_are_absent_where_no_caption_has_their_type(tmp_path: Path) -> None:
    data = flickr30k(write_flickr30k(tmp_path), absent=True)
    absent = {
        item.id: {
            one.case.request.query
            for one in data.questions(item.id)
            if one.case.kind is Kind.ABSENT
        }
        for item in data
    }
    # One phrase of the street has a box; of the man's image only those about people are certain.
    assert absent['flickr30k-test/100'] == set()
    (phrase,) = absent['flickr30k-test/200']
    assert phrase in ('A man', 'He', 'two dogs', 'the man')


def test_labels_tell_of_nouns_whose_things_all_have_boxes(tmp_path: Path) -> None:
    labels = flickr30k(write_flickr30k(tmp_path)).labels('flickr30k-test/100')
    boxes: dict[str, int] = {}
    for thing in labels.things:
        boxes[thing.name] = boxes.get(thing.name, 0) + 1
    # Nobody says where 'nothing' is.
    assert boxes == {'man': 1, 'hat': 1, 'he': 1, 'dog': 2}
    assert set(labels.names) == set(boxes)
    assert labels.phrases == ('A man', 'a hard hat', 'the man')
