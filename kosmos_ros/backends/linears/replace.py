# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Replace the linear layers of a model, and release the memory of weights in a mapped file.

Weights in the file's number format are read from the mapping, and every page read once counts as
memory of this process until the mapping ends. Where weights are rearranged one by one, the old
ones would add up to a second copy of the model.
"""

from __future__ import annotations

from collections.abc import Callable
import ctypes
import mmap
from pathlib import Path

import torch
from torch import nn

from kosmos_ros.backends.linears.joint import join_projections, joinable

OUTPUT_HEAD = 'lm_head'
"""Its weight is the embedding table's in most checkpoints, so it stays as it is."""

_MAPS = Path('/proc/self/maps')


def linear_layers(model: nn.Module) -> list[tuple[nn.Module, str]]:
    """Return each linear layer but the output head, as the module that holds it and its name."""
    return [
        (module, name)
        for module in model.modules()
        for name, child in module.named_children()
        if type(child) is nn.Linear and name != OUTPUT_HEAD
    ]


def replace_linears(model: nn.Module, make: Callable[[nn.Linear], nn.Module]) -> int:
    """
    Replace the linear layers one by one, so that no two copies of all weights ever exist.

    The projections of an attention layer, which have the same input, become parts of one layer.

    :param make: makes the new layer from an old one, without keeping its weight.
    :returns: how many there were.
    """
    files = MappedFiles()
    count = 0
    for module in list(model.modules()):
        projections = joinable(module)
        if projections:
            join_projections(module, projections, make)
            count += len(projections)
            for old in projections:
                files.release(old.weight)
    for holder, name in linear_layers(model):
        old = getattr(holder, name)
        setattr(holder, name, make(old))
        files.release(old.weight)
        count += 1
    return count


class MappedFiles:
    """The files mapped into this process now; none but on Linux, where the system lists them."""

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
