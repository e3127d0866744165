# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Memory that two processes share: written once, then sealed, and passed on as a file.

It has no name anywhere, so that nothing is left of it when both processes are gone. Sealed memory
can neither change nor shrink, whatever the process does that made it.
"""

from __future__ import annotations

from collections.abc import Iterable
import fcntl
import mmap
import os

import numpy as np
import numpy.typing as npt

_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def share(parts: Iterable[bytes | memoryview | npt.NDArray[np.uint8]]) -> int:
    """
    Copy bytes into new memory, one part behind the other.

    :param parts: buffers; arrays of any strides.
    :returns: its descriptor, for the caller to close.
    :raises OSError: if there is not enough memory.
    """
    file = os.memfd_create('kosmos_ros', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for part in parts:
            array = part if isinstance(part, np.ndarray) else np.frombuffer(part, np.uint8)
            _write(file, np.ascontiguousarray(array).reshape(-1).data)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(file)
        raise
    return file


def shared(file: int) -> npt.NDArray[np.uint8]:
    """
    Return what another process has shared, without a copy.

    :param file: its descriptor, which is closed.
    :returns: (bytes,), read-only; the memory lives as long as the array.
    :raises ValueError: if it is no sealed memory.
    """
    try:
        if fcntl.fcntl(file, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
            raise ValueError('expected sealed memory')
        size = os.fstat(file).st_size
        if not size:
            return np.empty(0, np.uint8)
        return np.frombuffer(mmap.mmap(file, size, prot=mmap.PROT_READ), np.uint8)
    except OSError as error:
        raise ValueError(f'expected sealed memory: {error}') from error
    finally:
        os.close(file)


def _write(file: int, data: memoryview) -> None:
    while data:
        data = data[os.write(file, data) :]
