# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.recordings.storage``: bags that were made to do harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import resource
import sqlite3
import struct
from typing import Any

import lz4.frame
import numpy as np
import pytest
from rosbags import rosbag1, rosbag2
from rosbags.typesys import get_typestore, Stores

from kosmos_ros.core.errors import InvalidDataError, InvalidImageError
from kosmos_ros.recordings import bag_files, storage
from kosmos_ros.recordings.bags import ImageBag

from .conftest import picture, raw, START, STORE, WriteBag


@pytest.fixture(autouse=True)
def little_memory() -> Any:
    """Fail what takes a gigabyte more than there is now."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path('/proc/self/statm').read_text().split()[0])
    most = pages * resource.getpagesize() + 1024**3
    resource.setrlimit(resource.RLIMIT_AS, (most, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


def values(path: Path) -> list[int]:
    """Return what tells the images of a bag apart."""
    with ImageBag(path) as bag:
        return [int(image.read()[0, 0, 0]) for image in bag.images(bag.topic())]


def refused(path: Path, words: str) -> None:
    with pytest.raises(InvalidDataError, match=words) as raised, ImageBag(path) as bag:
        list(bag.images(bag.topic()))
    assert str(path) in str(raised.value)


DEFINITIONS = [
    'string[10000000] a\n',
    'uint8 a\n' * 200_000,
    'Unknown a\n',
    'uint8 class\nuint8 class_\n',
    'uint8 x=__import__("os").abort()\n',
    ']] no definition at all',
    'sensor_msgs/Image a\n',
]


@pytest.mark.parametrize('definition', DEFINITIONS, ids=lambda text: text[:20].strip())
@pytest.mark.parametrize('kind', ['sensor_msgs/msg/Image', 'x/msg/Y', 'x"; import os #/msg/Y'])
@pytest.mark.parametrize('plugin', list(rosbag2.StoragePlugin), ids=lambda one: one.name)
def test_definitions_in_a_bag_become_no_program(
    tmp_path: Path, plugin: rosbag2.StoragePlugin, kind: str, definition: str
) -> None:
    folder = tmp_path / 'bag'
    with rosbag2.Writer(folder, version=9, storage_plugin=plugin) as writer:
        evil = {'msgdef': definition, 'rihs01': 'RIHS01_0'}
        topics = [
            writer.add_connection('/camera', 'sensor_msgs/msg/Image', typestore=STORE),
            writer.add_connection('/other', kind, **evil),
        ]
        for topic in topics:
            writer.write(topic, START, raw(START, picture(7))[1])
    with ImageBag(folder) as bag:
        assert '/camera' in [topic.name for topic in bag.topics]
        (image,) = bag.images('/camera')
        np.testing.assert_array_equal(image.read(), picture(7))


def test_a_message_of_another_kind_by_the_same_name_spoils_only_itself(tmp_path: Path) -> None:
    with rosbag2.Writer(tmp_path / 'bag', version=9) as writer:
        kind = 'sensor_msgs/msg/Image'
        own = writer.add_connection('/camera', kind, msgdef='uint8 a\n', rihs01='RIHS01_0')
        writer.write(own, START, b'\0\1\0\0\5')
        writer.write(own, START + 1, raw(START, picture(3))[1])
    with ImageBag(tmp_path / 'bag') as bag:
        bad, good = bag.images('/camera')
        with pytest.raises(InvalidImageError):
            bad.read()
        np.testing.assert_array_equal(good.read(), picture(3))


def chunk(compression: str, packed: bytes, size: int) -> bytes:
    """Return a chunk of an MCAP file, https://mcap.dev/spec#chunk-op0x06."""
    name = compression.encode()
    body = struct.pack('<QQQII', START, START, size, 0, len(name)) + name
    body += struct.pack('<Q', len(packed)) + packed
    return b'\x06' + struct.pack('<Q', len(body)) + body


def mcap(path: Path, *records: bytes) -> Path:
    """Write an MCAP file without a summary."""
    magic, head = b'\x89MCAP0\r\n', struct.pack('<I', 4) + b'ros2' + struct.pack('<I', 0)
    footer = b'\x02' + struct.pack('<QQQI', 20, 0, 0, 0)
    opening = b'\x01' + struct.pack('<Q', len(head)) + head
    path.write_bytes(magic + opening + b''.join(records) + footer + magic)
    return path


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    'zstd': lambda data: bytes(bag_files.zstd().compress(data)),
    'lz4': lz4.frame.compress,
}


@pytest.mark.parametrize('compression', PACKERS)
@pytest.mark.parametrize('said', [1, 300 * 1024**2, 2**63])
def test_a_chunk_is_not_unpacked_beyond_its_size_and_the_limit(
    tmp_path: Path, compression: str, said: int
) -> None:
    packed = PACKERS[compression](bytes(300 * 1024**2))
    refused(mcap(tmp_path / 'bomb.mcap', chunk(compression, packed, said)), 'bytes')


@pytest.mark.parametrize('size', [2**63, 2**40, 2**32])
def test_announced_sizes_take_no_memory(tmp_path: Path, size: int) -> None:
    for operation in (3, 4, 5, 6, 7):
        record = bytes([operation]) + struct.pack('<Q', size) + bytes(60)
        path = mcap(tmp_path / 'announced.mcap', record)
        with pytest.raises(InvalidDataError, match='announced'), ImageBag(path) as bag:
            list(bag.images(bag.topic()))


def test_packed_messages_and_files_have_limits(
    write_bag: WriteBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, good = raw(START, picture(1))
    bomb = PACKERS['zstd'](bytes(300 * 1024**2))
    with ImageBag(
        write_bag({'/camera': [(START, (kind, bomb)), (START + 1, (kind, good))]})
    ) as bag:
        first, second = bag.images('/camera')
        with pytest.raises(InvalidImageError, match='holds more than'):
            first.read()
        np.testing.assert_array_equal(second.read(), picture(1))
    monkeypatch.setattr(bag_files, '_UNPACKED', 1024**2)
    (tmp_path / 'bomb.mcap.zstd').write_bytes(bomb)
    refused(tmp_path / 'bomb.mcap.zstd', 'unpacks to more than')


def test_a_summary_names_no_chunk_twice_and_not_too_many_at_once() -> None:
    def made(start: int, time: int, size: int) -> Any:
        fields = (time, time, start, 9, {}, 0, '', 1, size, {})
        return storage.storage_mcap.ChunkInfo(*fields)

    largest = bag_files.LARGEST
    storage._check_chunks([made(place, place, largest) for place in range(9)])
    with pytest.raises(ValueError, match='twice'):
        storage._check_chunks([made(1, 1, 5), made(1, 2, 5)])
    with pytest.raises(ValueError, match='of the same time'):
        storage._check_chunks([made(place, 7, largest) for place in range(9)])


COMPUTED = [
    'create view counted as select 1',
    'create table t (a, b text generated always as (hex(zeroblob(500000000))))',
    'create virtual table t using fts5(a)',
    'create trigger t after insert on topics begin select 1; end',
]


@pytest.mark.parametrize('sql', COMPUTED, ids=lambda sql: sql.split()[1])
def test_databases_that_compute_are_refused(write_bag: WriteBag, sql: str) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]}, 'sqlite3')
    (file,) = folder.glob('*.db3')
    with sqlite3.connect(file) as database:
        database.execute(sql)
    refused(folder, 'expected plain tables')


def test_a_database_of_definitions_without_an_end_is_refused(write_bag: WriteBag) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]}, 'sqlite3')
    (file,) = folder.glob('*.db3')
    with sqlite3.connect(file) as database:
        database.executescript(
            'drop table message_definitions; create view message_definitions as with recursive '
            'n(i) as (select 1 union all select i + 1 from n) select i as id, i as topic_type, '
            'i as encoding, i as encoded_message_definition, i as type_description_hash from n'
        )
    refused(file, 'expected plain tables')


def test_a_page_in_several_places_is_refused(write_bag: WriteBag) -> None:
    """A tree of 20 levels of such pages has more rows than can be counted."""
    messages = [(START + n, raw(START + n, np.zeros((30, 30, 3), np.uint8))) for n in range(40)]
    (file,) = write_bag({'/camera': messages}, 'sqlite3').glob('*.db3')
    with sqlite3.connect(file) as database:
        (root,) = database.execute(
            "select rootpage from sqlite_master where name = 'messages'"
        ).fetchone()
        (size,) = database.execute('pragma page_size').fetchone()
    data = bytearray(file.read_bytes())
    page = (root - 1) * size
    assert data[page] == 5  # an inner page, https://www.sqlite.org/fileformat.html
    first, second = struct.unpack('>HH', data[page + 12 : page + 16])
    data[page + second : page + second + 4] = data[page + first : page + first + 4]
    file.write_bytes(data)
    refused(file, 'in several places')


def test_names_of_topics_are_texts(write_bag: WriteBag) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]}, 'sqlite3')
    (file,) = folder.glob('*.db3')
    with sqlite3.connect(file) as database:
        database.execute("update topics set name = x'ff'")
    refused(folder, 'topics and types as texts')


def write_ros1(path: Path, compression: str = 'none', count: int = 3) -> Path:
    store = get_typestore(Stores.ROS1_NOETIC)
    kind, time = store.types['sensor_msgs/msg/Image'], store.types['builtin_interfaces/msg/Time']
    writer = rosbag1.Writer(path)
    if compression != 'none':
        writer.set_compression(rosbag1.Writer.CompressionFormat[compression.upper()])
    with writer:
        topic = writer.add_connection('/camera', kind.__msgtype__, typestore=store)
        for number in range(count):
            head = store.types['std_msgs/msg/Header'](number, time(number, 0), 'camera')
            message = kind(head, 4, 6, 'rgb8', 0, 18, picture(number).reshape(-1))
            writer.write(topic, number, store.serialize_ros1(message, kind.__msgtype__))
    return path


@pytest.mark.parametrize('compression', ['none', 'bz2', 'lz4'])
def test_bags_of_ros_1_have_their_own_definition(tmp_path: Path, compression: str) -> None:
    assert values(write_ros1(tmp_path / 'old.bag', compression)) == [0, 1, 2]


def test_an_index_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    path = write_ros1(tmp_path / 'old.bag', count=200)
    data = path.read_bytes()
    at = data.index(b'chunk_count=') + len(b'chunk_count=')
    record = data[data.rindex(b'\x04\0\0\0op=\x06') - 4 :]  # about the chunk, the last one
    many = 2000
    path.write_bytes(data[:at] + struct.pack('<I', many) + data[at + 4 :] + record * (many - 1))
    refused(path, 'an index is named twice')


@pytest.mark.parametrize('plugin', list(rosbag2.StoragePlugin), ids=lambda one: one.name)
def test_qos_of_topics_is_not_read(tmp_path: Path, plugin: rosbag2.StoragePlugin) -> None:
    """YAML as deep, or as long, as none is."""
    folder = tmp_path / 'bag'
    with rosbag2.Writer(folder, version=9, storage_plugin=plugin) as writer:
        kind = 'sensor_msgs/msg/Image'
        topic = writer.add_connection('/camera', kind, typestore=STORE)
        writer.write(topic, START, raw(START, picture(1))[1])
    (file,) = (one for one in folder.iterdir() if one.suffix != '.yaml')
    if plugin is rosbag2.StoragePlugin.SQLITE3:
        with sqlite3.connect(file) as database:
            database.execute('update topics set offered_qos_profiles = ?', ['[' * 10**6])
    else:
        data = file.read_bytes()
        size = struct.pack('<I', len(key := b'offered_qos_profiles'))
        start = data.rindex(size + key) + 4 + len(key)
        (length,) = struct.unpack('<I', data[start : start + 4])
        broken = b'[' * length
        file.write_bytes(data[: start + 4] + broken + data[start + 4 + length :])
    before = storage.storage_mcap.parse_qos
    assert values(file) == [1]
    assert storage.storage_mcap.parse_qos is before


def test_metadata_are_looked_through_but_not_computed(write_bag: WriteBag) -> None:
    messages = [(START + n, raw(START + n, picture(n))) for n in range(2)]
    folder = write_bag({'/camera': messages})
    (file,) = folder.glob('*.mcap')
    laughs = 'a: &a [x, x]\n' + ''.join(
        f'{name}: &{name} [{", ".join(9 * [f"*{last}"])}]\n'
        for last, name in zip('abcdefgh', 'bcdefghi', strict=True)
    )
    for text in (laughs, '[' * 100_000, 'rosbag2_bagfile_information: 3', '\0', ''):
        (folder / 'metadata.yaml').write_text(text)
        assert values(folder) == [0, 1]
    (folder / 'metadata.yaml').write_text(
        f'relative_file_paths:\n  - {file.name}\n  - gone.mcap\n'
    )
    refused(folder, r"'gone\.mcap' is missing")


def test_other_files_beside_a_recording_are_not_of_it(write_bag: WriteBag) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]})
    (file,) = folder.glob('*.mcap')
    (folder / 'copy.mcap').write_bytes(file.read_bytes())
    assert values(folder) == [1]
    assert values(folder / 'copy.mcap') == [1]


def test_paths_may_hold_what_sqlite_takes_for_more(write_bag: WriteBag, tmp_path: Path) -> None:
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]}, 'sqlite3')
    assert values(folder.rename(tmp_path / '100%25?#')) == [1]
