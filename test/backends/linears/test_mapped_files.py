# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Giving back the memory of mapped weights."""

from __future__ import annotations

import mmap
from pathlib import Path
import sys

import pytest
from safetensors import safe_open
from safetensors.torch import save_file
import torch

from kosmos_ros.backends.linears import mapped_files
from kosmos_ros.backends.linears.mapped_files import MappedFiles

pytestmark = pytest.mark.skipif(sys.platform != 'linux', reason='only Linux tells its mappings')

SIDE = 2048


def resident(path: Path) -> int:
    """Return the bytes of a mapped file that count as memory of this process, see proc(5)."""
    size, inside = 0, False
    for line in Path('/proc/self/smaps').read_text().splitlines():
        if '-' in line.split(maxsplit=1)[0]:
            inside = line.endswith(str(path))
        elif inside and line.startswith('Rss:'):
            size += int(line.split()[1]) * 1024
    return size


def test_pages_of_a_mapped_weight_are_given_back_and_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / 'weights.safetensors'
    numbers = torch.arange(SIDE * SIDE, dtype=torch.float32).view(SIDE, SIDE)
    save_file({'weight': numbers}, path)
    with safe_open(path, framework='pt') as file:
        weight = file.get_tensor('weight')
    assert torch.equal(weight, numbers)
    held = resident(path)
    if not held:
        pytest.skip('this safetensors copies weights instead of mapping them')
    assert MappedFiles().release(weight)
    assert resident(path) <= held - weight.nbytes + 2 * mmap.PAGESIZE
    assert torch.equal(weight, numbers)


def test_memory_that_is_no_file_is_left_alone() -> None:
    numbers = torch.arange(SIDE * SIDE)
    assert not MappedFiles().release(numbers)
    assert int(numbers[-1]) == SIDE * SIDE - 1


def test_tensors_smaller_than_a_page_are_left_alone() -> None:
    assert not MappedFiles().release(torch.ones(3))


def test_elsewhere_nothing_is_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mapped_files, '_MAPS', tmp_path / 'missing')
    assert not MappedFiles().release(torch.ones(SIDE))
