# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.files``."""

from __future__ import annotations

from contextlib import suppress
import errno
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.files import naming, path_inside, safe_path, write_bytes, write_text, writing


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('/front/image_raw', 'front/image_raw'),
        ('/../../../../escaped', 'escaped'),
        ('a/./..//b/', 'a/b'),
        ('.hidden/..x/y...', 'hidden/x/y'),
        ('C:\\evil\0\n', 'C__evil__'),
        ('con/aux.txt/nul', '_con/_aux.txt/_nul'),
        ('größe', 'größe'),
        ('/', ''),
        ('..', ''),
        ('', ''),
    ],
)
def test_names_become_harmless_paths(name: str, expected: str) -> None:
    assert safe_path(name) == expected


@given(st.text(max_size=300))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    path = safe_path(name)
    assert os.path.normpath(f'/folder/{path}').startswith('/folder')
    assert all(0 < len(os.fsencode(part)) <= 110 for part in path.split('/') if path)
    assert safe_path(path) == path


def test_long_names_differ_where_the_whole_does() -> None:
    assert safe_path('x' * 300) != safe_path('x' * 301)


@pytest.mark.parametrize('name', ['../a', 'b/../../a', '/etc/passwd', '', '.', 'a\0b', '..'])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidDataError, match=f'below {tmp_path}'):
        path_inside(tmp_path, name)


@pytest.mark.parametrize('name', ['a.jpg', 'b/./a.jpg', '..a/b..', 'a\\b.jpg', '~/a'])
def test_names_of_files_below_are_taken(tmp_path: Path, name: str) -> None:
    assert path_inside(tmp_path, name) == tmp_path / name


def test_links_of_the_owner_are_followed(tmp_path: Path) -> None:
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'elsewhere/a.jpg').write_text('picture')
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set/images').symlink_to(tmp_path / 'elsewhere')
    assert path_inside(tmp_path / 'set', 'images/a.jpg').read_text() == 'picture'


def test_a_file_is_replaced_when_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / 'a.json'
    write_text(file, 'old')
    with suppress(KeyboardInterrupt), writing(file) as stream:
        stream.write(b'ne')
        raise KeyboardInterrupt
    assert file.read_text() == 'old'
    write_text(file, 'new \ud800')
    assert file.read_text() == 'new \\ud800'
    assert os.listdir(tmp_path) == ['a.json']


def test_two_files_of_a_folder_may_be_written_at_once(tmp_path: Path) -> None:
    with writing(tmp_path / 'a') as first, writing(tmp_path / 'b', mode='w') as second:
        first.write(b'one')
        second.write('two')
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {'a': 'one', 'b': 'two'}


def test_links_stay_links(tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to(tmp_path / 'file')
    write_bytes(tmp_path / 'link', b'new')
    assert (tmp_path / 'link').is_symlink()
    assert (tmp_path / 'file').read_bytes() == b'new'


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    (tmp_path / 'full').symlink_to('/dev/full')
    with pytest.raises(OSError, match='No space left') as raised:
        write_bytes(tmp_path / 'full', b'x')
    assert raised.value.filename == str(tmp_path / 'full')
    assert Path('/dev/full').is_char_device()
    write_bytes(Path('/dev/null'), b'x')
    assert Path('/dev/null').is_char_device()


def test_a_missing_folder_is_told_by_the_name_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        write_bytes(tmp_path / 'missing/a.json', b'x')
    assert raised.value.filename == str(tmp_path / 'missing/a.json')


def test_errors_of_other_files_keep_their_names(tmp_path: Path) -> None:
    with pytest.raises(OSError, match='other') as raised, naming(tmp_path / 'mine'):
        raise OSError(errno.ENOENT, 'missing', 'other')
    assert raised.value.filename == 'other'
