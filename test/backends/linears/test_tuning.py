# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which layers a loaded model computes with, and how that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.linears import packed, tuning
from kosmos_ros.backends.linears.int8 import ENGINES, Int8Linear
from kosmos_ros.backends.linears.packed import PackedLinear, packing_obstacle
from kosmos_ros.backends.linears.precision import LayerShape
from kosmos_ros.backends.linears.replace import linear_layers
from kosmos_ros.backends.settings import ModelSettings

THREADS = torch.get_num_threads()
needs_int8 = pytest.mark.skipif(
    not set(ENGINES) & set(torch.backends.quantized.supported_engines),
    reason='torch has no 8 bit layers here',
)
needs_packing = pytest.mark.skipif(
    packing_obstacle(LayerShape(256, 512)).startswith('this torch'),
    reason='no bfloat16 layers to pack here',
)


def load(folder: Path, **options: object) -> LoadedModel:
    """Load a checkpoint on the CPU."""
    return load_model(ModelSettings(model=str(folder), device='cpu', **options))


def kinds(module: nn.Module) -> set[type[nn.Module]]:
    """Return the kinds of layers in a module that stand for linear ones."""
    linear = (nn.Linear, PackedLinear, Int8Linear)
    return {type(one) for one in module.modules() if isinstance(one, linear)}


@pytest.fixture
def packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack whatever can be packed, whether it helps or not."""
    monkeypatch.setattr(packed, 'packing_obstacle', lambda *_: '')


def test_float32_stays_as_it_is(tiny_folder: Path) -> None:
    loaded = load(tiny_folder, dtype='float32')
    assert kinds(loaded.model) == {nn.Linear}
    assert loaded.precision.startswith('float32, ')


@needs_packing
@pytest.mark.usefixtures('packs')
def test_bfloat16_is_packed_but_for_head_and_embedding(tiny_folder: Path) -> None:
    loaded = load(tiny_folder, dtype='bfloat16')
    assert linear_layers(loaded.model) == []
    assert kinds(loaded.model.vision_model) == {PackedLinear}
    assert kinds(loaded.model.text_model.model) == {PackedLinear}
    head, table = loaded.model.text_model.lm_head, loaded.model.text_model.model.embed_tokens
    assert head.weight is table.weight
    assert table.weight.dtype == torch.bfloat16
    assert loaded.precision.startswith('bfloat16, prepacked linears, ')


def test_what_cannot_be_packed_is_not_said_to_be(
    monkeypatch: pytest.MonkeyPatch, tiny_folder: Path
) -> None:
    monkeypatch.setattr(packed, 'packing_obstacle', lambda *_: 'no')
    loaded = load(tiny_folder, dtype='bfloat16')
    assert kinds(loaded.model) == {nn.Linear}
    assert 'prepacked' not in loaded.precision


@needs_int8
def test_int8_in_float32_takes_the_whole_model(tiny_folder: Path) -> None:
    loaded = load(tiny_folder, quantization='int8')
    assert loaded.dtype == torch.float32
    assert linear_layers(loaded.model) == []
    assert kinds(loaded.model.vision_model) == {Int8Linear}
    assert loaded.model.text_model.model.embed_tokens.weight.dtype == torch.float32
    assert loaded.precision.startswith('int8 linears by ')
    assert ', float32, ' in loaded.precision


@needs_int8
@needs_packing
@pytest.mark.usefixtures('packs')
def test_int8_in_bfloat16_leaves_images_to_packed_layers(tiny_folder: Path) -> None:
    loaded = load(tiny_folder, quantization='int8', dtype='bfloat16')
    assert kinds(loaded.model.text_model.model) == {Int8Linear}
    assert kinds(loaded.model.vision_model) == {PackedLinear}
    assert loaded.model.text_model.model.embed_tokens.weight.dtype == torch.bfloat16
    assert 'bfloat16, prepacked linears' in loaded.precision


@needs_int8
def test_a_large_model_is_never_in_memory_in_float32(
    monkeypatch: pytest.MonkeyPatch, tiny_folder: Path
) -> None:
    seen = []

    def quantize(model: nn.Module, engine: str) -> None:
        seen.extend(weights.dtype for weights in model.parameters())

    monkeypatch.setattr('kosmos_ros.backends.kosmos2.loading.SMALL_BYTES', 1)
    monkeypatch.setattr(tuning, 'quantize_linears', quantize)
    loaded = load(tiny_folder, quantization='int8', dtype='float32')
    assert set(seen) == {torch.bfloat16}
    assert {weights.dtype for weights in loaded.model.parameters()} == {torch.float32}
    head, table = loaded.model.text_model.lm_head, loaded.model.text_model.model.embed_tokens
    assert head.weight is table.weight


def test_the_number_of_threads_is_set_and_told(tiny_folder: Path) -> None:
    try:
        assert load(tiny_folder, threads=1).precision == 'float32, 1 thread'
        assert torch.get_num_threads() == 1
        assert load(tiny_folder, threads=2).precision == 'float32, 2 threads'
        assert load(tiny_folder).precision == 'float32, 2 threads'
    finally:
        torch.set_num_threads(THREADS)


@pytest.mark.parametrize(
    ('quantization', 'told'), [('none', 'bfloat16'), ('4bit', '4bit by bitsandbytes, bfloat16')]
)
def test_layers_on_a_gpu_stay_as_they_are(quantization: str, told: str) -> None:
    model, gpu = nn.Linear(8, 8, dtype=torch.bfloat16, device='meta'), torch.device('cuda', 0)
    shape = LayerShape(8, 8)
    assert tuning.tune_linears(model, quantization, gpu, torch.bfloat16, shape) == told
    assert kinds(model) == {nn.Linear}
