# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Memory that two processes share, passed on as a file.

It has no name anywhere, so that nothing is left of it when both processes are gone. Memory of
``share`` can neither change nor shrink, whatever the process does that made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import fcntl
import mmap
import os

import numpy as np
import numpy.typing as npt

_FIXED_SIZE = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
_SEALS = _FIXED_SIZE | fcntl.F_SEAL_WRITE

_MOST_REUSED = 32_000_000
"""Bytes; what is larger is rare, and its memory is given back."""


def share(parts: Iterable[bytes | memoryview | npt.NDArray[np.uint8]]) -> int:
    """
    Copy bytes into new memory, one part behind the other.

    :param parts: buffers; arrays of any strides.
    :returns: its descriptor, for the caller to close.
    :raises OSError: if there is not enough memory.
    """
    file = os.memfd_create('kosmos_ros', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    begin = 0
    try:
        for part in parts:
            array = part if isinstance(part, np.ndarray) else np.frombuffer(part, np.uint8)
            begin = _write(file, np.ascontiguousarray(array).reshape(-1).data, begin)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(file)
        raise
    return file


class ReusedMemory:
    """
    Memory for images that one process writes again and again, and another one reads.

    New memory costs more than the copy: the kernel clears each page before it can be written.
    """

    def __init__(self) -> None:
        self._file = -1
        self._size = 0

    def put(self, parts: Sequence[npt.NDArray[np.uint8]]) -> int | None:
        """
        Write arrays, one behind the other.

        :param parts: of any strides.
        :returns: the descriptor of the memory if it is new to the reader; it stays this object's.
        :raises OSError: if there is not enough memory.
        """
        size = sum(part.size for part in parts)
        is_new = self._file < 0 or not size <= self._size <= max(size, _MOST_REUSED)
        if is_new:
            self.forget()
            self._file = os.memfd_create('kosmos_ros', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            self._size = size
        begin = 0
        for part in parts:
            begin = _write(self._file, np.ascontiguousarray(part).reshape(-1).data, begin)
        if is_new:
            fcntl.fcntl(self._file, fcntl.F_ADD_SEALS, _FIXED_SIZE)
        return self._file if is_new else None

    def forget(self) -> None:
        """Use other memory from now on: the reader may keep this."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    __del__ = forget


def shared(file: int, *, may_change: bool = False) -> npt.NDArray[np.uint8]:
    """
    Return what another process has shared, without a copy.

    :param file: its descriptor, which is closed.
    :param may_change: whether the other process may go on writing.
    :returns: (bytes,), read-only; the memory lives as long as the array.
    :raises ValueError: if it is no sealed memory.
    """
    try:
        needed = _FIXED_SIZE if may_change else _SEALS
        if fcntl.fcntl(file, fcntl.F_GET_SEALS) & needed != needed:
            raise ValueError('expected sealed memory')
        size = os.fstat(file).st_size
        if not size:
            return np.empty(0, np.uint8)
        return np.frombuffer(mmap.mmap(file, size, prot=mmap.PROT_READ), np.uint8)
    except OSError as error:
        raise ValueError(f'expected sealed memory: {error}') from error
    finally:
        os.close(file)


def _write(file: int, data: memoryview, begin: int) -> int:
    """Write data from a place on; return the place behind it."""
    while data:
        written = os.pwrite(file, data, begin)
        data, begin = data[written:], begin + written
    return begin
