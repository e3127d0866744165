# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Release the memory of weights that are views of a mapped file.

Weights in the file's number format are read from the mapping, and every page read once counts as
memory of this process until the mapping ends. Where weights are rearranged one by one, the old
ones would add up to a second copy of the model.
"""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path

import torch

_MAPS = Path('/proc/self/maps')


class MappedFiles:
    """
    The files mapped into this process now, where the system lists them (Linux).

    Elsewhere nothing is ever released.
    """

    def __init__(self) -> None:
        self._ranges = _file_ranges(_MAPS.read_text()) if _MAPS.exists() else []

    def release(self, tensor: torch.Tensor) -> bool:
        """
        Release the whole pages of a tensor that is not needed any more.

        If it is read after all, the pages are read from the file again.

        :returns: whether it lies in a mapped file; other memory is left alone.
        """
        page = mmap.PAGESIZE
        start = -(-tensor.data_ptr() // page) * page
        end = (tensor.data_ptr() + tensor.nbytes) // page * page
        if not any(low <= start < end <= high for low, high in self._ranges):
            return False
        libc = ctypes.CDLL(None, use_errno=True)
        advice = ctypes.c_int(mmap.MADV_DONTNEED)
        return not libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), advice)


def _file_ranges(maps: str) -> list[tuple[int, int]]:
    """Return the address ranges of files in the text of /proc/self/maps, see proc(5)."""
    ranges = []
    for line in maps.splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and fields[5].startswith('/'):
            low, high = fields[0].split('-')
            ranges.append((int(low, 16), int(high, 16)))
    return ranges
