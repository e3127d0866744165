# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Names of files that come from data, and files that are written whole or not at all.

A name in a file of others may lead anywhere (``../../.ssh/id``, ``/etc/passwd``). Where one
becomes a path to read, ``path_inside`` refuses it if it leaves its folder; where one becomes a
path to write, ``safe_path`` makes names of its parts that are harmless on every file system.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import count
import os
from pathlib import Path, PurePath, PurePosixPath
import re
from typing import Any, IO

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.texts import quoted

_OTHERS = re.compile(r'[^\w.-]')
_DEVICES = re.compile(r'(con|prn|aux|nul|com\d|lpt\d)(\..*)?', re.IGNORECASE)
_numbers = count()
_LONGEST = 100
"""Bytes of a name; file systems allow 255, of which endings and temporary names need some."""


def safe_path(name: str) -> str:
    """
    Return a relative path to write to, made of the parts of a name between its slashes.

    Letters, digits, '_', '-' and '.' stay; other characters become '_'. Parts that would lead
    elsewhere are left out. Names of usual ROS topics stay as they are, but for the first slash.

    :returns: without a slash at its ends; empty if nothing of the name is left.
    """
    parts = (_safe_part(part) for part in name.split('/'))
    return '/'.join(part for part in parts if part)


def _safe_part(part: str) -> str:
    kept = _OTHERS.sub('_', part).strip('.')
    if _DEVICES.fullmatch(kept):
        kept = f'_{kept}'
    data = kept.encode('utf-8', 'replace')
    if len(data) <= _LONGEST:
        return kept
    # What tells two long names apart may be at their ends.
    short = data[: _LONGEST - 9].decode('utf-8', 'ignore')
    return f'{short}-{sha256(data).hexdigest()[:8]}'


def path_inside(folder: Path, name: str | PurePath) -> Path:
    """
    Return the path of a file in a folder, by the relative name that data give it.

    A link in the folder is followed, wherever it leads: its owner made it, not the data.

    :raises InvalidDataError: if the name is absolute, goes up by '..', or is no name of a file.
    """
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or '..' in parts or '\0' in str(name):
        raise InvalidDataError(
            f'expected the name of a file below {folder}, got {quoted(str(name), 100)}'
        )
    return folder.joinpath(*parts)


@contextmanager
def writing(path: Path, **how: Any) -> Iterator[IO[Any]]:
    """
    Open a file for writing that replaces an earlier one when it is complete, and not before.

    What is no regular file, such as a pipe, is written to directly.

    :param how: arguments of ``open``; by default bytes are written.
    :raises OSError: with the name of the file, such as on a full disk; the earlier one is left.
    """
    target = path.resolve()  # a link stays one
    is_special = target.exists() and not target.is_file()
    how = {'mode': 'wb', **how}
    if is_special:
        with naming(path), target.open(**how) as stream:
            yield stream
        return
    partial = target.with_name(f'.{os.getpid()}.{next(_numbers)}.part')
    # Made here and nowhere else: what another has put in its place is not written to.
    how['mode'] = how['mode'].replace('w', 'x')
    try:
        with naming(path, partial):
            partial.unlink(missing_ok=True)
            with partial.open(**how) as stream:
                yield stream
            partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, see ``writing``."""
    with writing(path) as stream:
        stream.write(data)


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8 whole or not at all, see ``writing``."""
    write_bytes(path, text.encode('utf-8', 'backslashreplace'))


@contextmanager
def naming(path: Path, written: Path | None = None) -> Iterator[None]:
    """
    Give errors of writing the name of the file, which a full disk does not tell.

    :param written: the file that is written in its place.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(written)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
