# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Results of a long run, appended to a file of JSON lines one by one.

The first line holds the settings of all results; each other line one result with its key. An
interrupted run goes on where it stopped when the file is opened again with the same settings. A
line that a crash or a full disk left half written is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
import fcntl
import json
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import InvalidDataError, InvalidRequestError
from kosmos_ros.core.files import naming
from kosmos_ros.core.texts import quoted, readable, told

T = TypeVar('T')

_SETTINGS = 'settings'
_KEY, _RESULT = 'key', 'result'
_HEAD = b'{"settings":'
"""How the first line begins, also one that a crash left unfinished."""
_SHOWN = 300
"""Letters of a setting in messages."""


class Journal(Closing):
    """
    A growing file of results.

    :param path: of the file; its folder is created if missing.
    :param settings: what the results depend on, in types of JSON.
    :raises InvalidRequestError: if the file holds results of other settings, is no such file, or
        another process is writing to it.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.path = path
        self.done: set[str] = set()
        """Keys of the results that the file holds."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # The end is checked and cut before anything is appended, hence no mode 'a'.
        path.touch()
        # Without a buffer, which would try once more to write what found no room.
        self._stream = path.open('r+b', buffering=0)
        try:
            self._lock()
            with path.open('rb') as written:
                self._continue(json.loads(json.dumps(settings)), written)
        except BaseException:
            self._stream.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def append(self, key: str, result: Mapping[str, Any]) -> None:
        """
        Add a result, in types of JSON, for a new key; it is in the file when this returns.

        :raises OSError: with the file's name if it cannot be written; the results before stay.
        """
        self._write({_KEY: key, _RESULT: result})
        self.done.add(key)

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Read the keys and results in the file, one by one, in the order they came."""
        with self.path.open('rb') as stream:
            next(stream)
            for line in stream:
                entry = json.loads(line)
                yield entry[_KEY], entry[_RESULT]

    def read(self, convert: Callable[[str, dict[str, Any]], T]) -> Iterator[T]:
        """
        Read what ``convert`` makes of the keys and results.

        :raises InvalidDataError: if it raises a ``ValueError``: the result is of another kind.
        """
        key = ''
        try:
            for key, result in self.results():
                yield convert(key, result)
        except ValueError as error:
            raise InvalidDataError(
                f'{self.path}: the result of {quoted(key)} is damaged ({told(error)}); choose '
                'another output folder, or delete the file to start anew'
            ) from error

    def _lock(self) -> None:
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidRequestError(
                f'{self.path}: another run is writing to it; wait for its end, or choose another '
                'output folder'
            ) from error

    def _continue(self, settings: dict[str, Any], written: BinaryIO) -> None:
        """Read what is written, and go to its end."""
        first = written.readline()
        if not first.endswith(b'\n') and _HEAD.startswith(first[: len(_HEAD)]):
            self._cut(0)
            self._write({_SETTINGS: settings})
            return
        self._check_settings(first, settings)
        end = written.tell()
        for entry, place in _whole_lines(written, end, self.path):
            self.done.add(entry[_KEY])
            end = place
        self._cut(end)

    def _cut(self, end: int) -> None:
        self._stream.seek(end)
        self._stream.truncate()

    def _check_settings(self, line: bytes, settings: dict[str, Any]) -> None:
        entry = _parse(line)
        if entry is None or not isinstance(entry.get(_SETTINGS), dict):
            raise InvalidRequestError(
                f'{self.path}: expected results of an earlier run, found something else; choose '
                'another output folder'
            )
        there = entry[_SETTINGS]
        if there != settings:
            raise InvalidRequestError(
                f'{self.path} holds results of other settings ({_differences(there, settings)}); '
                'choose another output folder, or delete the file to start anew'
            )

    def _write(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False, separators=(',', ':'))
        # Half a surrogate pair, as in file names that are not UTF-8, becomes JSON's escape.
        left = memoryview(line.encode('utf-8', 'backslashreplace') + b'\n')
        start = self._stream.tell()
        try:
            with naming(self.path):
                while left:
                    left = left[self._stream.write(left) :]
        except OSError:
            with suppress(OSError):
                self._cut(start)
            raise


def _whole_lines(stream: BinaryIO, end: int, path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Read lines with their ends, up to an incomplete one: the last, or the file is damaged."""
    for line in stream:
        entry = _parse(line) if line.endswith(b'\n') else None
        if entry is None or not _is_result(entry):
            if stream.read(1):
                raise InvalidRequestError(
                    f'{path}: damaged at byte {end}; choose another output folder, or delete the '
                    'file to start anew'
                )
            return
        end += len(line)
        yield entry, end


def _is_result(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get(_KEY), str) and isinstance(entry.get(_RESULT), dict)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _differences(there: dict[str, Any], settings: dict[str, Any]) -> str:
    names = dict.fromkeys([*there, *settings])
    return '; '.join(
        f'{readable(name)}: {_shown(there.get(name))} there, {_shown(settings.get(name))} now'
        for name in names
        if there.get(name) != settings.get(name)
    )


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'
