# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.batch.folder_files``: nothing is passed over silently."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
import pytest

from kosmos_ros.batch.folder_files import pictures_in
from kosmos_ros.core.notes import Notes


def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.new('RGB', (8, 8)).save(stream, 'JPEG')
    return stream.getvalue()


def listed(folder: Path) -> tuple[list[str], str]:
    """Return the names of the pictures, and what was told of the rest."""
    notes = Notes(folder)
    found = pictures_in(folder, folder / 'out', notes)
    return [path.relative_to(folder).as_posix() for path in found], str(notes)


@pytest.mark.parametrize(
    'name', ['a.jfif', 'a.AVIF', 'a.heic', 'a.HEIF', 'a.hif', 'a.jxl', 'a.jpe', 'a.Jpg', 'a.pbm']
)
def test_endings_of_pictures_are_taken_whatever_they_hold(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b'nothing')
    assert listed(tmp_path) == ([name], '')


@pytest.mark.parametrize('name', ['scan', 'a.jpg_large', 'a.jpg~', 'a.dat', '2026.11.30'])
def test_pictures_are_taken_whatever_their_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(jpeg())
    assert listed(tmp_path) == ([name], '')


def test_files_without_an_ending_are_named_unless_they_are_text(tmp_path: Path) -> None:
    (tmp_path / 'damaged').write_bytes(b'\xff\xd8' + bytes(60))
    (tmp_path / 'LICENSE').write_text('é' * 50)
    (tmp_path / 'Makefile').write_text('')
    assert listed(tmp_path) == (
        ['damaged'],
        '2 files that are no pictures, passed over (LICENSE, Makefile)',
    )


def test_the_rest_is_told_of(tmp_path: Path) -> None:
    for name in ('a.txt', 'b.csv', 'c.nef', 'd.mp4'):
        (tmp_path / name).write_bytes(b'II*\0')
    os.mkfifo(tmp_path / 'pipe.png')
    assert listed(tmp_path) == (
        [],
        '5 files that are no pictures, passed over (a.txt, b.csv, c.nef, ...)',
    )


def test_what_this_package_has_made_is_no_input(tmp_path: Path) -> None:
    for folder in ('earlier/pictures', 'eval_output/worst', 'out', '.thumbnails'):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / 'a.jpg').write_bytes(jpeg())
    (tmp_path / 'earlier/answers.jsonl').touch()
    (tmp_path / 'eval_output/records.jsonl').touch()
    for name in ('a.jpg', 'a.grounded.png', 'B.Grounded.PNG', '.hidden.jpg'):
        (tmp_path / name).write_bytes(jpeg())
    found, told = listed(tmp_path)
    assert found == ['a.jpg']
    assert '2 folders of results of "kosmos-ros batch" or "eval"' in told
    assert '(earlier, eval_output)' in told
    assert '2 pictures with boxes that "kosmos-ros ground" saved' in told
    assert 'out)' not in told.replace('eval_output)', '')


def test_results_may_be_asked_about_themselves(tmp_path: Path) -> None:
    (tmp_path / 'answers.jsonl').touch()
    (tmp_path / 'frames').mkdir()
    (tmp_path / 'frames/a.png').write_bytes(jpeg())
    assert listed(tmp_path)[0] == ['frames/a.png']


def test_links_to_folders_are_told_of(tmp_path: Path) -> None:
    (tmp_path / 'a.png').symlink_to(tmp_path / 'missing')
    (tmp_path / 'loop').symlink_to(tmp_path)
    assert listed(tmp_path) == (['a.png'], '1 links to folders, not followed (loop)')
