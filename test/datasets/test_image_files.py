# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.image_files``."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.notes import Notes
from kosmos_ros.datasets.image_files import with_files
from kosmos_ros.datasets.photos import Photo


def found(folders: list[Path], *names: str) -> tuple[list[Photo], str]:
    """Look for files, and return the photographs and what was noted."""
    notes = Notes('instances.json')
    photos = {str(place): Photo(Path(name), 64, 48) for place, name in enumerate(names)}
    return list(with_files(photos, folders, notes).values()), str(notes)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    'name',
    [
        'images\\a.jpg',
        'C:\\data\\images\\a.jpg',
        'upload/1234-a.jpg',
        'images/1a2b3c4d-a.jpg',
        '/data/upload/3/1A2B3C4D-a.jpg',
        '/data/local-files/?d=photos%2Fa.jpg',
        's3://bucket/set/a.jpg',
        'http://localhost:8080/data/upload/1/a.jpg',
        '../elsewhere/a.jpg',
    ],
)
def test_prefixes_of_tools_are_seen_through(tmp_path: Path, name: str) -> None:
    touch(tmp_path, 'a.jpg')
    (photo,), notes = found([tmp_path / 'images', tmp_path], name)
    assert photo.path == tmp_path / 'a.jpg'
    assert f'1 images found without the folder or prefix of their {"file_name"!r}' in notes
    assert 'as a.jpg' in notes


def test_as_much_of_a_name_as_there_is(tmp_path: Path) -> None:
    touch(tmp_path, 'left/a.jpg', 'a.jpg', '1234-b.jpg', 'b.jpg')
    (first, second), _ = found([tmp_path], 'set\\left\\a.jpg', 'upload/1234-b.jpg')
    assert first.path == tmp_path / 'left/a.jpg'
    assert second.path == tmp_path / '1234-b.jpg'


def test_a_name_with_a_backslash_may_be_one(tmp_path: Path) -> None:
    touch(tmp_path, 'images\\a.jpg', 'a.jpg')
    (photo,), notes = found([tmp_path], 'images\\a.jpg')
    assert photo.path == tmp_path / 'images\\a.jpg'
    assert not notes


def test_accents_may_be_composed_or_not(tmp_path: Path) -> None:
    touch(tmp_path, normalize('NFD', 'é.jpg'))
    (photo,), _ = found([tmp_path], normalize('NFC', 'é.jpg'))
    assert photo.path.is_file()


def test_one_file_is_not_taken_for_two_images(tmp_path: Path) -> None:
    touch(tmp_path, '1.jpg', '2.jpg')
    photos, notes = found([tmp_path], 'train/1.jpg', 'val/1.jpg', '2.jpg', 'val/2.jpg')
    assert ['could be this image and others' in photo.problem for photo in photos] == [
        *(True, True, False, True),
    ]
    assert not notes


def test_each_image_is_looked_for_in_all_folders(tmp_path: Path) -> None:
    touch(tmp_path, 'one/a.jpg', 'two/b.jpg', 'two/a.jpg')
    photos, _ = found([tmp_path / 'one', tmp_path / 'two'], 'a.jpg', 'b.jpg', 'gone.jpg')
    assert [photo.path.parent.name for photo in photos[:2]] == ['one', 'two']
    assert photos[2].path.name == 'gone.jpg'
    assert not photos[2].problem


@pytest.mark.parametrize('name', ['gone.jpg', 'x' * 500])
def test_no_file_at_all_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidDataError, match=rf'{name} in one of {tmp_path}; .*--images'):
        found([tmp_path], name)


def test_images_that_all_have_a_problem_are_an_error(tmp_path: Path) -> None:
    photos = {'1': Photo(Path('a.jpg'), 1, 1, 'no size')}
    with pytest.raises(InvalidDataError, match=r'none of the 1 images can be used.*no size'):
        with_files(photos, [tmp_path], Notes('instances.json'))


@pytest.mark.parametrize('name', ['{}/secret.jpg', '../secret.jpg', 'more/../../secret.jpg'])
def test_no_name_leads_out_of_the_folders(tmp_path: Path, name: str) -> None:
    touch(tmp_path, 'secret.jpg', 'set/a.jpg', 'set/more/b.jpg')
    photos, _ = found([tmp_path / 'set'], 'a.jpg', name.format(tmp_path))
    assert not photos[0].problem
    assert 'there is no such image' in photos[1].problem


def test_links_in_the_folder_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, 'disk/a.jpg')
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set/images').symlink_to(tmp_path / 'disk')
    (photo,), _ = found([tmp_path / 'set'], 'images/a.jpg')
    assert photo.path.is_file()
