# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Pickles of plain values, read without running anything, and within limits.

A pickle is a program that may import and call whatever it names. Plain containers, numbers and
texts need no names, so every name is refused here, and with it everything that could run.

The reader is that of ``pickle`` written in Python. The one in C allocates any number of values
that a pickle announces, so that a few damaged bytes could take all memory; 50,000 references of
RefCOCO's size take 4 s instead of 1.

A value may be in several places. A few bytes can so describe a nest of values that would take
years to write out, to compare or to hash: keys have to be single values, and what all places
together hold is limited.
"""

from __future__ import annotations

from collections.abc import Callable
import io
from pathlib import Path
import pickle
import struct
from typing import Any

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.texts import quoted, told
from kosmos_ros.datasets.photos import read_file

_DAMAGED = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)

_MOST_CONTAINERS, _MOST_REMEMBERED, _MOST_VALUES = 3_000_000, 5_000_000, 10_000_000
"""Lists and their like, values kept for later, and values in all places; RefCOCO has a third."""
_DEEPEST = 40
_DIGITS = 8192
"""Binary ones of a whole number."""

_CONTAINERS = (list, tuple, set, frozenset, dict)
_SINGLE = (str, bytes, int, float, bool, type(None))


class _NameInPickleError(Exception):
    """The pickle asks for something to be imported."""


_READER: Any = pickle._Unpickler
"""Of Python's own, typed as its stubs do not."""


class _PlainUnpickler(pickle._Unpickler):
    memo: dict[int, Any]
    stack: list[Any]
    append: Callable[[Any], None]
    read: Callable[[int], bytes]

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, encoding='utf-8', errors='replace')
        self.containers = 0

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise _NameInPickleError(quoted(f'{module_name}.{global_name}', 100))

    def persistent_load(self, pid: Any) -> Any:
        raise _NameInPickleError(f'the persistent object {quoted(pid)}')

    def count(self) -> None:
        """Count a container, or a value that is kept for later."""
        self.containers += 1
        if self.containers > _MOST_CONTAINERS or len(self.memo) > _MOST_REMEMBERED:
            raise pickle.UnpicklingError('more values than a data set has')

    def load_bytearray8(self) -> None:
        """Read what is there; the method of ``pickle`` makes room for what is announced."""
        self.append(bytearray(self.read(struct.unpack('<Q', self.read(8))[0])))

    def load_long4(self) -> None:
        _READER.load_long4(self)
        if self.stack[-1].bit_length() > _DIGITS:
            raise pickle.UnpicklingError('expected shorter numbers')


def _counted(load: Callable[[Any], None]) -> Callable[[_PlainUnpickler], None]:
    def counted(reader: _PlainUnpickler) -> None:
        reader.count()
        load(reader)

    return counted


def _with_single_keys(
    load: Callable[[Any], None], keys: slice
) -> Callable[[_PlainUnpickler], None]:
    """Refuse keys that are containers: hashing one takes as long as it is deep."""

    def checked(reader: _PlainUnpickler) -> None:
        if not all(isinstance(key, _SINGLE) for key in reader.stack[keys]):
            raise pickle.UnpicklingError('expected texts and numbers as keys')
        load(reader)

    return checked


def _dispatch() -> dict[int, Callable[[Any], None]]:
    """Return what reads each instruction."""
    table: dict[int, Callable[[Any], None]] = dict(_READER.dispatch)
    table[pickle.BYTEARRAY8[0]] = _PlainUnpickler.load_bytearray8
    table[pickle.LONG4[0]] = _PlainUnpickler.load_long4
    every, pairs = slice(None), slice(None, None, 2)
    for code, keys in (
        (pickle.DICT, pairs),
        (pickle.SETITEMS, pairs),
        (pickle.SETITEM, slice(-2, -1)),
        (pickle.ADDITEMS, every),
        (pickle.FROZENSET, every),
    ):
        table[code[0]] = _with_single_keys(table[code[0]], keys)
    containers = (pickle.MARK, pickle.EMPTY_LIST, pickle.EMPTY_DICT, pickle.EMPTY_SET)
    made = (pickle.LIST, pickle.DICT, pickle.FROZENSET)
    tuples = (pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3)
    kept = (pickle.MEMOIZE, pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT)
    for code in (*containers, *made, *tuples, *kept):
        table[code[0]] = _counted(table[code[0]])
    return table


_PlainUnpickler.dispatch = _dispatch()


def read_plain_pickle(path: Path) -> Any:
    """
    Read lists, tuples, sets, dictionaries, texts, bytes, numbers, booleans and None.

    Texts of Python 2 are read as UTF-8. Keys and members of sets are no containers.

    :raises InvalidDataError: if there is no such file, it is no pickle, or it holds anything
        else or more than a data set does; nothing of it has run then.
    """
    # Read from memory, no room is made for data that is missing.
    stream = io.BytesIO(read_file(path, 'a pickle'))
    try:
        value = _PlainUnpickler(stream).load()
        _check_nest(value)
    except _NameInPickleError as error:
        raise InvalidDataError(
            f'{path}: expected a pickle of plain lists, dictionaries, texts and numbers, it asks '
            f'for {error}, which could run any program; refused'
        ) from error
    except _DAMAGED as error:
        raise InvalidDataError(
            f'{path}: not a pickle, or a damaged one ({told(error)})'
        ) from error
    return value


def _check_nest(value: object) -> None:
    """Refuse values that are too much when each is written out where it is, or hold themselves."""
    left, count = [(value, 0)], 0
    while left:
        item, depth = left.pop()
        if not isinstance(item, _CONTAINERS):
            continue
        count += len(item)
        if count > _MOST_VALUES or depth > _DEEPEST:
            raise pickle.UnpicklingError('more values, or deeper ones, than a data set has')
        inside = item.values() if isinstance(item, dict) else item
        left += [(one, depth + 1) for one in inside if isinstance(one, _CONTAINERS)]
