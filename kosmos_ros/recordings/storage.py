# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Messages in the files of a recording, read by ``rosbags`` within limits.

Bags bring definitions of their messages along, of which ``rosbags`` would make programs. They are
not used: pictures have one definition in all of ROS 2 and one in all of ROS 1.

What is packed may be any number of times as large, so nothing is unpacked beyond ``LARGEST``.
"""

from __future__ import annotations

import bz2
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from heapq import merge
from operator import itemgetter
from pathlib import Path
import sqlite3
from typing import Any

from lz4.frame import LZ4FrameDecompressor
from rosbags import rosbag1, rosbag2
from rosbags.rosbag1 import reader as ros1
from rosbags.rosbag2 import storage_mcap, storage_sqlite3
from rosbags.serde import SerdeError
from rosbags.typesys import get_typestore, Stores

from kosmos_ros.core.closing import Closing
from kosmos_ros.recordings.bag_files import LARGEST, zstd

ERRORS: tuple[type[Exception], ...] = (rosbag1.ReaderError, rosbag2.ReaderError, SerdeError)
"""What ``rosbags`` raises on purpose."""

_TABLES_ONLY = (
    "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
    "OR sql LIKE 'create virtual%' "
    'UNION SELECT m.name FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS columns '
    "WHERE m.type = 'table' AND columns.hidden"
)
_CHECKED_WHOLE = 64 * 1024**2
"""Bytes up to which all pages of a database are looked at before it is read."""

Connection = Any
"""A ``rosbags.interfaces.Connection``: a topic of a file."""


class Storage(Closing):
    """
    The messages of files, in the order of their times.

    :param files: with the endings .mcap, .db3 and .bag.
    :raises Exception: one of ``ERRORS``, or any other that damaged data cause.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._readers: list[Any] = []
        try:
            for file in files:
                self._open(file)
        except BaseException:
            self.close()
            raise

    def _open(self, file: Path) -> None:
        if file.suffix == '.bag':
            reader: Any = rosbag1.Reader(file)
            _read_no_index_twice(reader, file.stat().st_size)
        else:
            reader = rosbag2.Reader(file)
        if file.suffix == '.db3':
            _check_tables(file)
        with _without_qos():
            reader.open()
        self._readers.append(reader)
        if file.suffix == '.mcap':
            _check_chunks(reader.storage.chunks)
        for one in reader.connections:
            if not isinstance(one.topic, str) or not isinstance(one.msgtype, str):
                raise TypeError('expected topics and types as texts')

    def close(self) -> None:
        while self._readers:
            self._readers.pop().close()

    @property
    def connections(self) -> list[Connection]:
        """The topics of all files."""
        return [one for reader in self._readers for one in reader.connections]

    def messages(self, topic: str) -> Iterator[tuple[Connection, int, bytes]]:
        """Yield connection, time of recording in nanoseconds, and data."""
        parts = [
            _messages(reader, chosen)
            for reader in self._readers
            if (chosen := [one for one in reader.connections if one.topic == topic])
        ]
        for _, message in merge(*parts, key=itemgetter(0)):
            if message is not None:
                yield message

    @staticmethod
    def deserialize(connection: Connection, data: bytes) -> Any:
        """Return a message by its usual definition."""
        if isinstance(connection.owner, rosbag1.Reader):
            return _store('ROS1_NOETIC').deserialize_ros1(data, connection.msgtype)
        return _store('ROS2_JAZZY').deserialize_cdr(data, connection.msgtype)


@cache
def _store(name: str) -> Any:
    return get_typestore(Stores[name])


def _messages(reader: Any, chosen: Collection[Connection]) -> Iterator[tuple[int, Any]]:
    # Nothing of a file is unpacked before its time has come.
    yield reader.start_time, None
    for message in reader.messages(connections=chosen):
        yield message[1], message


def _check_tables(file: Path) -> None:
    """Refuse databases that compute what they hold, or lead round in circles, without an end."""
    database = sqlite3.connect(f'{file.resolve().as_uri()}?mode=ro&immutable=1', uri=True)
    try:
        if found := database.execute(_TABLES_ONLY).fetchone():
            raise ValueError(f'expected plain tables, {found[0]!r:.60} is none')
        if file.stat().st_size <= _CHECKED_WHOLE:
            told = database.execute('PRAGMA quick_check(100)').fetchall()
            if any('reference to page' in str(row[0]) for row in told):
                raise ValueError('pages of the database are in several places')
    finally:
        database.close()


def _check_chunks(chunks: Sequence[Any]) -> None:
    """Refuse chunks that are named twice, or would have to be unpacked all at once."""
    if len({one.chunk_start_offset for one in chunks}) < len(chunks):
        raise ValueError('chunks are named twice')
    changes = [(one.message_start_time, one.uncompressed_size) for one in chunks]
    changes += [(one.message_end_time + 1, -one.uncompressed_size) for one in chunks]
    held = 0
    for _, change in sorted(changes):
        held += change
        if held > 2 * LARGEST:
            raise ValueError(f'chunks of the same time hold more than {2 * LARGEST} bytes')


@contextmanager
def _without_qos() -> Iterator[None]:
    """Leave out the QoS of topics: nobody asks for it, and YAML of some kB takes a minute."""
    before = [module.parse_qos for module in (storage_mcap, storage_sqlite3)]
    try:
        storage_mcap.parse_qos = storage_sqlite3.parse_qos = lambda _: []
        yield
    finally:
        storage_mcap.parse_qos, storage_sqlite3.parse_qos = before


def _read_no_index_twice(reader: Any, size: int) -> None:
    """Have a reader refuse a bag of ROS 1 with more bytes of index than its file has."""
    read, left = reader.read_index_data, size

    def checked(position: int, indexes: Any) -> None:
        nonlocal left
        start = reader.bio.tell()
        read(position, indexes)
        left -= reader.bio.tell() - start
        if left < 0:
            raise ValueError('an index is named twice')

    reader.read_index_data = checked


def _bounded(make: Callable[[], Any]) -> Callable[..., bytes]:
    """Return what unpacks a chunk up to the size that it is said to have."""

    def unpack(data: bytes, size: int = LARGEST) -> bytes:
        raw: bytes = make().decompress(data, max_length=min(size, LARGEST) + 1)
        if len(raw) > min(size, LARGEST):
            raise ValueError(f'a chunk holds more than {min(size, LARGEST)} bytes')
        return raw

    return unpack


# rosbags looks these up, but has no setting; its own ones fill the memory.
storage_mcap.DECOMPRESSORS['zstd'] = _bounded(lambda: zstd().ZstdDecompressor())
storage_mcap.DECOMPRESSORS['lz4'] = _bounded(LZ4FrameDecompressor)
ros1.decompressors['bz2'] = _bounded(bz2.BZ2Decompressor)
ros1.decompressors['lz4'] = _bounded(LZ4FrameDecompressor)
