# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The memory of this process: its size, its limit, and returning free memory to the system."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
import resource

_GROWTH = 100_000_000
_MORE = 25_000_000
# After as many looks what the process has grown by is taken to be its own, as a loaded model is.
_MOST_LOOKS = 128
_STATM = Path('/proc/self/statm')
_STATUS = Path('/proc/self/status')


def resident_bytes() -> int:
    """Return the resident memory of the process; 0 where it is unknown."""
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * resource.getpagesize()


def limit_memory(megabytes: int) -> None:
    """
    Refuse the process memory from now on that it takes beyond what it has.

    Whoever asks for more gets an error, and the others go on: the system would end the process.
    What is mapped from files, and a GPU's memory, does not count.

    :param megabytes: how much more there may be; 0: any amount. Nothing changes where the system
        does not tell how much there is.
    """
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = most
    if megabytes and _STATUS.exists():
        (taken,) = (line for line in _STATUS.read_text().splitlines() if line[:7] == 'VmData:')
        limit = int(taken.split()[1]) * 1024 + megabytes * 1_000_000
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def release_memory() -> None:
    """
    Return free memory to the system.

    glibc keeps freed memory below its top for later; other C libraries have no such call.
    """
    gc.collect()
    _trim()


class GrowthWatch:
    """
    Returns memory to the system that a burst of large requests has left behind.

    Whether what the process has grown by is still in use cannot be seen, so it is tried again
    after twice the time, each time: what was held for a while is returned within as long a while.
    """

    def __init__(self) -> None:
        self._usual = self._left = resident_bytes()
        self._looks = 0

    def look(self) -> None:
        """Return free memory if the process has grown; to be called every second or so."""
        resident = resident_bytes()
        if resident <= self._usual + _GROWTH:
            self._usual = self._left = min(self._usual, resident)
            self._looks = 0
            return
        self._looks = 1 if resident > self._left + _MORE else self._looks + 1
        if self._looks.bit_count() == 1:
            _trim()
            self._left = resident_bytes()
        if self._looks == _MOST_LOOKS:
            self._usual = self._left


def _trim() -> None:
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)
