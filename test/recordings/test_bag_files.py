# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.recordings.bag_files``: recordings without their folder."""

from __future__ import annotations

from pathlib import Path
import sys

import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidDataError, MissingDependencyError
from kosmos_ros.recordings import bag_files
from kosmos_ros.recordings.bag_files import is_bag
from kosmos_ros.recordings.bags import ImageBag

from .conftest import header, picture, raw, START, STORE, WriteBag

STORAGES = {'mcap': '.mcap', 'sqlite3': '.db3'}


def packed(data: bytes) -> bytes:
    """Pack data as recording does."""
    return bytes(bag_files.zstd().compress(data))


def lone(write_bag: WriteBag, storage: str, folder: Path, name: str) -> Path:
    """Write three images and put the file elsewhere, without its metadata."""
    bag = write_bag({'/camera': [(START + n, raw(START, picture(n))) for n in range(3)]}, storage)
    (file,) = (path for path in bag.iterdir() if path.name != 'metadata.yaml')
    folder.mkdir(exist_ok=True)
    return file.rename(folder / name)


def check_images(path: Path) -> None:
    with ImageBag(path) as bag:
        images = list(bag.images(bag.topic('/camera')))
        assert [topic.count for topic in bag.topics] == [3]
        for number, image in enumerate(images):
            np.testing.assert_array_equal(image.read(), picture(number))
    assert len(images) == 3


@pytest.mark.parametrize('name', ['drive', 'drive.MCAP', 'drive.mcap.part', 'drive_0.bag', ''])
@pytest.mark.parametrize('storage', STORAGES)
def test_lone_files_open_whatever_their_name(
    write_bag: WriteBag, tmp_path: Path, storage: str, name: str
) -> None:
    file = lone(write_bag, storage, tmp_path / 'mine', name or f'drive{STORAGES[storage]}')
    assert is_bag(file)
    check_images(file)
    check_images(file.parent)


@pytest.mark.parametrize('storage', STORAGES)
def test_packed_files_open(write_bag: WriteBag, tmp_path: Path, storage: str) -> None:
    file = lone(write_bag, storage, tmp_path / 'mine', 'drive')
    file.write_bytes(packed(file.read_bytes()))
    file = file.rename(file.with_name(f'drive{STORAGES[storage]}.zstd'))
    assert is_bag(file)
    check_images(file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InvalidDataError, match=r'drive\..*\.zstd: '):
        ImageBag(file)


def test_messages_may_be_packed_one_by_one(write_bag: WriteBag, tmp_path: Path) -> None:
    messages = []
    for number in range(3):
        kind, data = raw(START, picture(number))
        messages.append((START + number, (kind, packed(data))))
    (file,) = write_bag({'/camera': messages}, 'sqlite3').glob('*.db3')
    check_images(file.rename(tmp_path / 'lone.db3'))


def test_nothing_is_left_of_unpacking(
    write_bag: WriteBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / 'scratch'
    scratch.mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(scratch))
    file = lone(write_bag, 'mcap', tmp_path / 'mine', 'drive')
    file.write_bytes(packed(file.read_bytes()))
    check_images(file)
    file.write_bytes(packed(b'nothing'))
    with pytest.raises(InvalidDataError, match='it is none'):
        ImageBag(file)
    assert not list(scratch.iterdir())


def test_the_parts_of_a_recording_without_metadata_are_one(
    write_bag: WriteBag, tmp_path: Path
) -> None:
    for number in range(2):
        bag = write_bag({'/camera': [(START + number, raw(START, picture(number)))]})
        (file,) = bag.glob('*.mcap')
        (tmp_path / 'drive').mkdir(exist_ok=True)
        file.rename(tmp_path / f'drive/drive_{number}.mcap')
    with ImageBag(tmp_path / 'drive') as bag:
        values = [int(image.read()[0, 0, 0]) for image in bag.images('/camera')]
    assert values == [0, 1]


def test_metadata_of_another_recording_do_not_matter(write_bag: WriteBag, tmp_path: Path) -> None:
    kind = 'std_msgs/msg/Header'
    other = write_bag(
        {'/other': [(START, (kind, bytes(STORE.serialize_cdr(header(START), kind))))]}
    )
    check_images(lone(write_bag, 'mcap', other, 'mine.mcap'))


@pytest.mark.parametrize('storage', STORAGES)
def test_a_recording_that_was_cut_off_is_refused_with_a_remedy(
    write_bag: WriteBag, tmp_path: Path, storage: str
) -> None:
    file = lone(write_bag, storage, tmp_path / 'mine', f'drive{STORAGES[storage]}')
    file.write_bytes(file.read_bytes()[:600])
    with (
        pytest.raises(InvalidDataError, match=r'drive\..*cut off.*reindex'),
        ImageBag(file) as bag,
    ):
        list(bag.images(bag.topic()))


@pytest.mark.parametrize('content', [b'', b'text', b'\x89PNG\r\n\x1a\n'])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / 'drive.mcap'
    file.write_bytes(content)
    with pytest.raises(InvalidDataError, match=r'drive\.mcap: expected a recording .*it is none'):
        ImageBag(file)
    assert not is_bag(file.rename(tmp_path / 'drive.txt'))


def test_what_unpacks_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / 'drive.mcap.zstd'
    file.write_bytes(packed(b'nothing'))
    for name in ('backports.zstd', 'compression.zstd'):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependencyError, match=r'backports\.zstd'):
        ImageBag(file)
