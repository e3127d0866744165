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
import shutil
import sys
from typing import Any

from kosmos_ros.core.errors import InvalidDataError, MissingDependencyError

_METADATA = 'metadata.yaml'
_KINDS = {b'\x89MCAP0\r\n': '.mcap', b'SQLite format 3\0': '.db3', b'#ROSBAG V': '.bag'}
_PACKED = b'\x28\xb5\x2f\xfd'
_HEAD = 16
_ENDINGS = ('.mcap', '.db3', '.bag', '.mcap.zstd', '.db3.zstd', '.mcap.zst', '.db3.zst')

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
    if path.is_file():
        return [path.parent if _is_named_beside(path) else _lone(path, scratch)]
    if (path / _METADATA).is_file():
        return [path]
    files = sorted(_bag_files(path))
    if not files:
        raise InvalidDataError(
            f'{path}: expected a bag, that is a folder with a {_METADATA}, or an .mcap, .db3 or '
            f'.bag file; {CUT_OFF}'
        )
    return [_lone(file, scratch) for file in files]


def unpacked(data: bytes) -> bytes:
    """Return a message, decompressed if recording has compressed it, which files do not say."""
    return bytes(_zstd().decompress(data)) if data.startswith(_PACKED) else data


def errors_of_unpacking() -> tuple[type[Exception], ...]:
    """Return the exceptions of decompressing damaged data."""
    try:
        return (_zstd().ZstdError,)
    except MissingDependencyError:
        return ()


def _bag_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.iterdir() if file.is_file() and is_bag(file))


def _is_named_beside(file: Path) -> bool:
    """Tell whether the metadata beside a file are about it; they then say more than the file."""
    with suppress(OSError, UnicodeDecodeError):
        return file.name in (file.parent / _METADATA).read_text(encoding='utf-8')
    return False


def _lone(file: Path, scratch: Path) -> Path:
    """Return a file of a recording under a name with the right ending."""
    plain = file
    if _head(file).startswith(_PACKED):
        plain = scratch / f'unpacked_{file.name}'
        zstd = _zstd()
        try:
            with zstd.open(file, 'rb') as packed, plain.open('wb') as stream:
                shutil.copyfileobj(packed, stream)
        except (OSError, EOFError, zstd.ZstdError) as error:
            raise InvalidDataError(f'{file}: cannot be unpacked ({error})') from error
    kind = _kind(plain)
    if not kind:
        raise InvalidDataError(
            f'{file}: expected a recording as MCAP, SQLite or bag of ROS 1, it is none; {CUT_OFF}'
        )
    if plain.suffix == kind:
        return plain
    link = scratch / f'{file.name}{kind}'
    link.symlink_to(plain.resolve())
    return link


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


def _zstd() -> Any:
    name = 'compression.zstd' if sys.version_info >= (3, 14) else 'backports.zstd'
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingDependencyError(
            'packed recordings need backports.zstd, which is missing; pip install backports.zstd'
        ) from error
