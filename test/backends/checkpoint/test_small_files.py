# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Small files of checkpoints that may hold anything, or be no files at all."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import socket

import pytest
from tokenizers import Tokenizer

from kosmos_ros.backends.checkpoint.small_files import (
    check_numbers,
    check_regular,
    load_errors,
    MOST_BYTES,
    read_json,
)
from kosmos_ros.core.errors import MissingDependencyError, ModelError, ModelLoadError


def listen(path: Path) -> None:
    """Leave a socket."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda _: None, 'is missing'),
        (lambda path: path.symlink_to('nowhere'), 'is missing'),
        (lambda path: path.symlink_to(path), 'is unreadable'),
        (os.mkfifo, 'no regular file'),
        (listen, 'no regular file'),
        (Path.mkdir, 'no regular file'),
        (lambda path: path.symlink_to('/dev/zero'), 'no regular file'),
        (lambda path: path.write_bytes(b'\xff\xfe{'), 'cannot be loaded: UnicodeDecodeError'),
        (lambda path: path.write_text('{'), 'is damaged'),
        (lambda path: path.write_text('[1]'), 'expected a JSON object, got list'),
        (lambda path: path.write_text('[' * 100_000), 'is damaged'),
        (lambda path: path.write_text('{"a": ' * 100_000), 'is damaged'),
        (lambda path: path.write_text('{"a": ' + '9' * 10_000 + '}'), 'is damaged'),
        (lambda path: path.write_text(f'[{"[],".ljust(3) * 1_000_000}[]]'), 'values, more than'),
        (lambda path: path.write_bytes(bytes(MOST_BYTES + 1)), 'bytes, more than the limit'),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / 'config.json'
    make(path)
    with pytest.raises(ModelLoadError, match=rf'config\.json.*{message}'):
        read_json(path)


def test_links_to_files_are_files_as_in_the_cache_of_the_hub(tmp_path: Path) -> None:
    (tmp_path / 'blob').write_text('{"a": [1, true, null]}')
    link = tmp_path / 'config.json'
    link.symlink_to('blob')
    assert check_regular(link) == 22
    assert read_json(link) == {'a': [1, True, None]}


def test_numbers_are_limited_wherever_they_are() -> None:
    path = Path('config.json')
    check_numbers(path, {'a': [1, 2.5, {'b': -9}], 'c': 1e300, 'd': None}, 9)
    for content in ({'a': 10}, {'a': [[-10]]}, {'x': {'a': 10**4000}}):
        with pytest.raises(
            ModelLoadError, match=r'config\.json: (x\.)?a is beyond the limit of 9'
        ):
            check_numbers(path, content, 9)


@pytest.mark.parametrize(
    'error', [ZeroDivisionError(), AssertionError(), RecursionError(), ModelError('no'), OSError()]
)
def test_whatever_a_library_raises_names_the_file(error: Exception) -> None:
    with pytest.raises(ModelLoadError, match='here'), load_errors('here'):
        raise error


def test_panics_of_other_languages_and_lack_of_memory_name_the_file() -> None:
    class PanicException(BaseException):
        """As Python's bindings of Rust raise."""

    for error, message in (
        (PanicException('index out of bounds'), 'here cannot be loaded: PanicException: index'),
        (MemoryError(), 'here needs more memory'),
    ):
        with pytest.raises(ModelLoadError, match=message), load_errors('here'):
            raise error
    with pytest.raises(ModelLoadError, match='here'), load_errors('here'):
        Tokenizer.from_str('{"version": "1.0", "model": {"type": "Odd"}}')


@pytest.mark.parametrize('error', [KeyboardInterrupt(), SystemExit(), MissingDependencyError()])
def test_what_is_no_fault_of_the_file_passes(error: BaseException) -> None:
    with pytest.raises(type(error)), load_errors('here'):
        raise error


def test_a_file_that_is_named_is_not_named_again() -> None:
    with pytest.raises(ModelLoadError, match=r'^/m/config\.json: odd$'), load_errors(Path('/m')):
        raise ModelLoadError('/m/config.json: odd')
