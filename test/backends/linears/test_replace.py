# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Replacing linear layers, and giving back the memory of mapped weights."""

from __future__ import annotations

import mmap
from pathlib import Path
import sys

import pytest
from safetensors import safe_open
from safetensors.torch import save_file
import torch
from torch import nn

from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.linears import replace
from kosmos_ros.backends.linears.replace import linear_layers, MappedFiles, replace_linears
from kosmos_ros.backends.settings import ModelSettings

linux = pytest.mark.skipif(sys.platform != 'linux', reason='only Linux lists its mappings')

SIDE = 2048


class Doubled(nn.Module):
    """Stands for another kind of linear layer; note: it lacks ``weight``."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.layers = [linear]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return twice what the layer gives."""
        return 2 * self.layers[0](x)


def test_every_linear_layer_but_the_output_head_is_replaced(tiny_folder: Path) -> None:
    model = load_model(ModelSettings(model=str(tiny_folder), device='cpu')).model
    linears = [one for one in model.modules() if type(one) is nn.Linear]
    head = model.text_model.lm_head
    assert replace_linears(model, Doubled) == len(linears) - 1
    assert [one for one in model.modules() if type(one) is nn.Linear] == [head]
    assert head.weight is model.text_model.model.embed_tokens.weight
    assert linear_layers(model) == []


def test_layers_are_found_once_and_their_holders_use_the_new_ones(loaded: LoadedModel) -> None:
    places = linear_layers(loaded.model)
    assert len({(id(holder), name) for holder, name in places}) == len(places)
    block = nn.Sequential(nn.Linear(3, 3))
    x = torch.randn(2, 3)
    before = block(x)
    assert replace_linears(block, Doubled) == 1
    assert torch.equal(block(x), 2 * before)


def resident(path: Path) -> int:
    """Return the bytes of a mapped file that count as memory of this process, see proc(5)."""
    size, inside = 0, False
    for line in Path('/proc/self/smaps').read_text().splitlines():
        if '-' in line.split(maxsplit=1)[0]:
            inside = line.endswith(str(path))
        elif inside and line.startswith('Rss:'):
            size += int(line.split()[1]) * 1024
    return size


@linux
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


@linux
def test_memory_that_is_no_file_is_left_alone() -> None:
    numbers = torch.arange(SIDE * SIDE)
    assert not MappedFiles().release(numbers)
    assert int(numbers[-1]) == SIDE * SIDE - 1


@linux
def test_tensors_smaller_than_a_page_are_left_alone() -> None:
    assert not MappedFiles().release(torch.ones(3))


@linux
def test_elsewhere_nothing_is_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(replace, '_MAPS', tmp_path / 'missing')
    assert not MappedFiles().release(torch.ones(SIDE))
