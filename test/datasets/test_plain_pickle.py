# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.plain_pickle``."""

from __future__ import annotations

from contextlib import suppress
import os
from pathlib import Path
import pickle
import tracemalloc

import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.datasets.plain_pickle import read_plain_pickle

PLAIN = [{'a': 1, 'b': (2.5, None, True), 'c': {'x', 'ä'}, 'd': b'\xff', 'e': [[-(2**80)]]}]


class Canary:
    """Makes a folder as soon as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._path,)


def write(path: Path, value: object, protocol: int) -> Path:
    with path.open('wb') as stream:
        pickle.dump(value, stream, protocol)
    return path


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_are_read(tmp_path: Path, protocol: int) -> None:
    # Old protocols spell sets and bytes as calls.
    value = PLAIN if protocol >= 4 else [{'a': 1, 'b': (2.5, None, True), 'c': 'ä', 'e': [-9]}]
    assert read_plain_pickle(write(tmp_path / 'refs.p', value, protocol)) == value


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_runs_something_does_not(tmp_path: Path, protocol: int) -> None:
    path, trap = tmp_path / 'refs.p', tmp_path / 'trapped'
    write(path, [{'split': 'val', 'ann_id': Canary(trap)}], protocol)
    with pytest.raises(InvalidDataError, match=r'mkdir.*refused'):
        read_plain_pickle(path)
    assert not trap.exists()
    with path.open('rb') as stream:  # the canary is alive
        pickle.load(stream)  # noqa: S301
    assert trap.is_dir()


@pytest.mark.parametrize(
    'code',
    [
        b"cos\nsystem\n(S'true'\ntR.",  # GLOBAL, REDUCE
        b"(S'true'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'true'\no.",  # OBJ
        b'\x80\x04\x8c\x02os\x8c\x06system\x93.',  # STACK_GLOBAL
        b'P7\n.',  # PERSID
        b'\x80\x02\x82\x01.',  # EXT1
    ],
)
def test_no_way_to_a_name_is_open(tmp_path: Path, code: bytes) -> None:
    (tmp_path / 'refs.p').write_bytes(code)
    with pytest.raises(InvalidDataError):
        read_plain_pickle(tmp_path / 'refs.p')


@pytest.mark.parametrize(
    'code',
    [
        b'\x80\x02]r\xff\xff\xff\x7f.',  # a list, kept under the number 2147483647
        b'\x80\x04\x8e' + b'\xff' * 4 + b'\x00' * 4 + b'.',  # 4 GB of bytes that are not there
        b'\x80\x04\x95' + b'\xff' * 4 + b'\x00' * 4 + b'].',  # so is the frame
    ],
)
def test_announced_sizes_take_no_memory(tmp_path: Path, code: bytes) -> None:
    (tmp_path / 'refs.p').write_bytes(code)
    tracemalloc.start()
    try:
        with suppress(InvalidDataError):
            read_plain_pickle(tmp_path / 'refs.p')
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_arrays_are_no_plain_values(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match='numpy'):
        read_plain_pickle(write(tmp_path / 'refs.p', [np.float64(1.0)], 2))


def test_texts_of_python_2_are_texts(tmp_path: Path) -> None:
    (tmp_path / 'refs.p').write_bytes(b"(lp0\nS'left dog'\np1\naV\\xe4\np2\na.")
    assert read_plain_pickle(tmp_path / 'refs.p') == ['left dog', '\\xe4']


@pytest.mark.parametrize('data', [b'', b'{"a": 1}', b'(((((', b'\x80\x63', b'S"x\n.'])
def test_damaged_files_are_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / 'refs.p').write_bytes(data)
    with pytest.raises(InvalidDataError, match=r'refs\.p: not a pickle'):
        read_plain_pickle(tmp_path / 'refs.p')


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match=r'cannot read .*refs\.p: No such file'):
        read_plain_pickle(tmp_path / 'refs.p')
