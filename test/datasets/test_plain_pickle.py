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
from kosmos_ros.datasets import plain_pickle
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
        b'\x80\x05\x96' + b'\0\0\0\x34' + b'\x00' * 4 + b'.',  # 870 MB that can be changed
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


NEST = (
    b'\x80\x04]\x94'
    + b'(h\x00h\x00l\x94'
    + b''.join(b'(h%ch%cl\x94' % (place, place) for place in range(1, 60))
)
"""A list of two lists, which are one, of two lists, and so on, 60 times."""
DEEP_TUPLE = b'\x80\x04)' + b'2\x86' * 60
"""The same of tuples: hashing one takes 2 to the power of 60 steps."""


@pytest.mark.parametrize(
    'code',
    [
        NEST + b'.',
        NEST + b'Q.',  # the name of a persistent object
        DEEP_TUPLE + b'.',
        b'\x80\x04}' + DEEP_TUPLE[2:] + b'Ns.',  # a key, one by one
        b'\x80\x04}(' + DEEP_TUPLE[2:] + b'Nu.',
        b'\x80\x04(' + DEEP_TUPLE[2:] + b'Nd.',
        b'\x80\x04\x8f(' + DEEP_TUPLE[2:] + b'\x90.',  # a member of a set
        b'\x80\x04(' + DEEP_TUPLE[2:] + b'\x91.',
        b'\x80\x04]\x94h\x00a.',  # a list in itself
        b'\x80\x04' + b']' * 1000 + b'a' * 999 + b'.',
        b'\x80\x04\x8b' + b'\0\0\x10\0' + b'\x7f' * 2**20 + b'.',
    ],
    ids=[
        *('nest', 'persistent', 'tuples', 'key', 'keys', 'dict', 'set', 'frozenset', 'itself'),
        *('deep', 'number'),
    ],
)
def test_nests_and_numbers_of_values_have_limits(tmp_path: Path, code: bytes) -> None:
    (tmp_path / 'refs.p').write_bytes(code)
    with pytest.raises(InvalidDataError, match=r'refs\.p: ') as raised:
        read_plain_pickle(tmp_path / 'refs.p')
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize('code', [b'\x8f' * 99, b'(' * 99, b'N' + b'\x94' * 99, b'])' * 99])
def test_many_containers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: bytes
) -> None:
    monkeypatch.setattr(plain_pickle, '_MOST_CONTAINERS', 90)
    (tmp_path / 'refs.p').write_bytes(b'\x80\x04' + code + b'.')
    with pytest.raises(InvalidDataError, match='more values than a data set has'):
        read_plain_pickle(tmp_path / 'refs.p')


def test_what_is_in_many_places_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = [0] * 10
    path = write(tmp_path / 'refs.p', [shared] * 10, 4)
    assert len(read_plain_pickle(path)) == 10
    monkeypatch.setattr(plain_pickle, '_MOST_VALUES', 90)
    with pytest.raises(InvalidDataError, match='more values, or deeper ones'):
        read_plain_pickle(path)


def test_a_list_may_be_in_several_places(tmp_path: Path) -> None:
    shared = ['a', 'b']
    value = [{'tokens': shared}, {'tokens': shared}]
    assert read_plain_pickle(write(tmp_path / 'refs.p', value, 2)) == value
