# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Pickles of plain values, read without running anything.

A pickle is a program that may import and call whatever it names. Plain containers, numbers and
texts need no names, so every name is refused here, and with it everything that could run.

The reader is that of ``pickle`` written in Python. The one in C allocates any number of values
that a pickle announces, so that a few damaged bytes could take all memory; 50,000 references of
RefCOCO's size take 4 s instead of 1.
"""

from __future__ import annotations

import io
from pathlib import Path
import pickle
import struct
from typing import Any

from kosmos_ros.core.errors import InvalidDataError

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


class _NameInPickleError(Exception):
    """The pickle asks for something to be imported."""


class _PlainUnpickler(pickle._Unpickler):
    def find_class(self, module_name: str, global_name: str) -> Any:
        raise _NameInPickleError(f'{module_name}.{global_name}')

    def persistent_load(self, pid: Any) -> Any:
        raise _NameInPickleError(f'the persistent object {pid!r}')


def read_plain_pickle(path: Path) -> Any:
    """
    Read lists, tuples, sets, dictionaries, texts, bytes, numbers, booleans and None.

    Texts of Python 2 are read as UTF-8.

    :raises InvalidDataError: if there is no such file, it is no pickle, or it holds anything
        else; nothing of it has run then.
    """
    try:
        # Read from memory, no room is made for data that is missing.
        stream = io.BytesIO(path.read_bytes())
        return _PlainUnpickler(stream, encoding='utf-8', errors='replace').load()
    except OSError as error:
        raise InvalidDataError(f'cannot read {path}: {error.strerror}') from error
    except _NameInPickleError as error:
        raise InvalidDataError(
            f'{path}: expected a pickle of plain lists, dictionaries, texts and numbers, it asks '
            f'for {error}, which could run any program; refused'
        ) from error
    except _DAMAGED as error:
        raise InvalidDataError(f'{path}: not a pickle, or a damaged one ({error})') from error
