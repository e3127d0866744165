# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The files of a recording, recognised by their content.

A bag of ROS 2 is a folder with a ``metadata.yaml``; but recordings are also passed on as single
files, compressed by zstd, renamed, or without the metadata that is written at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
import importlib
from pathlib import Path
import re
import sys
from typing import Any

from kosmos_ros.core.errors import InvalidDataError, MissingDependencyError
from kosmos_ros.core.files import naming
from kosmos_ros.core.texts import quoted, told

_METADATA = 'metadata.yaml'
_KINDS = {b'\x89MCAP0\r\n': '.mcap', b'SQLite format 3\0': '.db3', b'#ROSBAG V': '.bag'}
_LARGEST_METADATA = 16 * 1024**2
_NAMED = re.compile(
    r'^[ \t]*-[ \t]+(?:path:[ \t]*)?["\']?([^"\'\n]*\.(?:mcap|db3)(?:\.zstd)?)["\']?[ \t\r]*$',
    re.MULTILINE,
)
_PACKED = b'\x28\xb5\x2f\xfd'
_HEAD = 16
_ENDINGS = ('.mcap', '.db3', '.bag', '.mcap.zstd', '.db3.zstd', '.mcap.zst', '.db3.zst')

_SPECIAL = frozenset('?#%')
"""What SQLite takes for more than letters of a path."""

LARGEST = 256 * 1024**2
"""Bytes that a packed message, or chunk of messages, may hold; recordings have chunks of 1 MB."""

_UNPACKED, _MOST_TIMES = 1024**3, 100
"""A packed file may hold this many bytes, or be so many times as large as it is packed."""
_BLOCK = 1024**2

CUT_OFF = 'of a recording that was cut off, "ros2 bag reindex" or "mcap recover" makes one'
"""What a reader may do about a bag that cannot be opened."""


def is_bag(path: Path) -> bool:
    """Tell whether there is a recording, by its metadata, a file's ending or its first bytes."""
    if path.is_dir():
        return (path / _METADATA).is_file()
    if not path.is_file():
        return False
    with suppress(InvalidDataError):
        return path.name.lower().endswith(_ENDINGS) or _kind(path) != ''
    return False


def holds_bag_files(folder: Path) -> bool:
    """Tell whether a folder holds files of recordings."""
    return any(_bag_files(folder))


def bag_paths(path: Path, scratch: Path) -> list[Path]:
    """
    Return what ``rosbags`` opens.

    :param path: a bag's folder, a file of it, a single file, or a folder of such.
    :param scratch: an empty folder for decompressed files and for names that ``rosbags`` accepts.
    :raises InvalidDataError: if there is no recording.
    :raises MissingDependencyError: if a file is compressed, and the package to decompress it is
        missing.
    """
    path = path.expanduser()
    if not path.exists():
        raise InvalidDataError(f'{path}: there is no such bag')
    if path.is_file() and path.name in _named_in(path.parent):
        path = path.parent
    if path.is_file():
        return [_lone(path, scratch)]
    files = sorted(_bag_files(path))
    named = _named_in(path)
    if missing := sorted(named - {file.name for file in path.iterdir()}):
        raise InvalidDataError(
            f'{path}: expected the files that {_METADATA} names, {quoted(missing[0])} is missing'
        )
    files = [file for file in files if file.name in named] or files
    if not files:
        raise InvalidDataError(
            f'{path}: expected a bag, that is a folder with a {_METADATA}, or an .mcap, .db3 or '
            f'.bag file; {CUT_OFF}'
        )
    return [_lone(file, scratch) for file in files]


def unpacked(data: bytes) -> bytes:
    """
    Return a message, decompressed if recording has compressed it, which files do not say.

    :raises ValueError: if it is more than ``LARGEST``.
    """
    if not data.startswith(_PACKED):
        return data
    unpacker = zstd().ZstdDecompressor()
    plain = bytes(unpacker.decompress(data, max_length=LARGEST))
    if not unpacker.eof:
        raise ValueError(f'a packed message is cut off, or holds more than {LARGEST} bytes')
    return plain


def errors_of_unpacking() -> tuple[type[Exception], ...]:
    """Return the exceptions of decompressing damaged data."""
    try:
        return (zstd().ZstdError,)
    except MissingDependencyError:
        return ()


def _bag_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.iterdir() if file.is_file() and is_bag(file))


def _named_in(folder: Path) -> set[str]:
    """
    Return the names of the files of a recording by its metadata; empty if it has none.

    All else in there is in the files too, so the text is looked through, but not read as YAML,
    of which a few lines can mean more than the memory holds.
    """
    try:
        with (folder / _METADATA).open('rb') as stream:
            text = stream.read(_LARGEST_METADATA).decode('utf-8', 'replace')
    except OSError:
        return set()
    return {path.rpartition('/')[2] for path in _NAMED.findall(text)}


def _lone(file: Path, scratch: Path) -> Path:
    """Return a file of a recording under a name with the right ending."""
    plain = file
    if _head(file).startswith(_PACKED):
        plain = scratch / f'unpacked_{len(list(scratch.iterdir()))}'
        _unpack(file, plain)
    kind = _kind(plain)
    if not kind:
        raise InvalidDataError(
            f'{file}: expected a recording as MCAP, SQLite or bag of ROS 1, it is none; {CUT_OFF}'
        )
    if plain.suffix == kind and not _SPECIAL & set(str(plain)):
        return plain
    link = scratch / f'{len(list(scratch.iterdir()))}{kind}'
    link.symlink_to(plain.resolve())
    return link


def _unpack(file: Path, plain: Path) -> None:
    limit = max(_UNPACKED, _MOST_TIMES * file.stat().st_size)
    try:
        with zstd().open(file, 'rb') as packed, naming(plain), plain.open('wb') as stream:
            while block := packed.read(_BLOCK):
                if stream.tell() + len(block) > limit:
                    raise InvalidDataError(f'{file}: unpacks to more than {limit} bytes; refused')
                stream.write(block)
    except (EOFError, zstd().ZstdError) as error:
        raise InvalidDataError(f'{file}: cannot be unpacked ({told(error)})') from error


def _kind(file: Path) -> str:
    """Return the ending that fits a file's content, empty if that is no recording."""
    head = _head(file)
    return next((ending for start, ending in _KINDS.items() if head.startswith(start)), '')


def _head(file: Path) -> bytes:
    try:
        with file.open('rb') as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise InvalidDataError(f'cannot read {file}: {error.strerror}') from error


def zstd() -> Any:
    """Return the module that unpacks."""
    name = 'compression.zstd' if sys.version_info >= (3, 14) else 'backports.zstd'
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingDependencyError(
            'packed recordings need backports.zstd, which is missing; pip install backports.zstd'
        ) from error
