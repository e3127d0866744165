# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reading weights; what does not fit is in test_loading.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import sys

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
