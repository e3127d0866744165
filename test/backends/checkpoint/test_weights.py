# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reading weights; what does not fit is in test_loading.py."""

from __future__ import annotations

from collections.abc import Callable
import importlib.util
from pathlib import Path
import sys
from types import ModuleType
from typing import Any

import pytest
import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.checkpoint.files import weight_files
from kosmos_ros.backends.checkpoint.weights import load_weights, weight_bytes
from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError

CPU = torch.device('cpu')


def test_all_files_of_a_checkpoint_are_counted(
    make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, max_shard_size='100KB')
    sizes = [path.stat().st_size for path in weight_files(folder)]
    assert len(sizes) > 1
    assert weight_bytes(folder) == sum(sizes)


def test_weights_are_ready_to_run_in_the_format_asked_for(tiny_folder: Path) -> None:
    model = load_weights(tiny_folder, 'none', CPU, torch.bfloat16)
    assert not model.training
    assert {weights.dtype for weights in model.parameters()} == {torch.bfloat16}


def test_too_little_memory_is_told_with_a_way_out(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(Kosmos2ForConditionalGeneration, 'from_pretrained', fail)
    with pytest.raises(ModelLoadError, match='does not fit into the memory of cpu; try quant'):
        load_weights(tiny_folder, 'none', CPU, torch.float32)


@pytest.mark.parametrize('quantization', ['8bit', '4bit'])
def test_a_missing_bitsandbytes_is_named(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, quantization: str
) -> None:
    monkeypatch.setitem(sys.modules, 'bitsandbytes', None)
    with pytest.raises(MissingDependencyError, match=f'{quantization} needs the package bits'):
        load_weights(tiny_folder, quantization, CPU, torch.float32)


@pytest.mark.skipif(
    importlib.util.find_spec('bitsandbytes') is None, reason='quantization needs bitsandbytes'
)
@pytest.mark.parametrize('quantization', ['8bit', '4bit'])
def test_weights_for_a_gpu_are_quantized_on_it(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, quantization: str
) -> None:
    asked: dict[str, Any] = {}

    def load(*_: object, **options: Any) -> None:
        asked.update(options)
        raise torch.OutOfMemoryError

    gpu = torch.device('cuda', 1)
    # Nothing is computed, and importing it takes seconds.
    monkeypatch.setitem(sys.modules, 'bitsandbytes', ModuleType('bitsandbytes'))
    monkeypatch.setattr(Kosmos2ForConditionalGeneration, 'from_pretrained', load)
    with pytest.raises(ModelLoadError, match='memory of cuda:1'):
        load_weights(tiny_folder, quantization, gpu, torch.float16)
    config = asked['quantization_config']
    assert asked['device_map'] == {'': gpu}
    assert (config.load_in_8bit, config.load_in_4bit) == (
        quantization == '8bit',
        quantization == '4bit',
    )
    assert quantization == '8bit' or config.bnb_4bit_compute_dtype == torch.float16
