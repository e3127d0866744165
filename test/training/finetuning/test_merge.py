# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path

import pytest
from safetensors.torch import load_file
import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.checkpoint.files import check_checkpoint
from training.finetuning.adapters import prepare, save_adapter, trained
from training.finetuning.merge import main
from training.finetuning.settings import Settings


def test_a_weaker_merge_lies_between(
    load_tiny: Callable[[], Kosmos2ForConditionalGeneration],
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = make_settings()
    model = load_tiny()
    prepare(model, settings)
    with torch.no_grad():
        for _, value in trained(model):
            value.normal_(std=0.1)
    save_adapter(model, settings, tmp_path / 'adapter')
    weights = []
    for scale in ('0', '0.5', '1'):
        to = tmp_path / f'merged {scale}'
        words = ('--adapter', str(tmp_path / 'adapter'), '--scale', scale, '--to', str(to))
        assert main([*words, '--save-dtype', 'float32']) == 0
        check_checkpoint(to)
        assert json.loads((to / 'config.json').read_text())['dtype'] == 'float32'
        values = load_file(to / 'model.safetensors')
        weights.append(values['image_to_text_projection.dense.weight'])
    assert torch.allclose(weights[1], (weights[0] + weights[2]) / 2, atol=1e-6)
    assert not torch.allclose(weights[0], weights[2])


def test_a_scale_out_of_range_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['--adapter', str(tmp_path), '--scale', '7', '--to', str(tmp_path / 'x')]) == 2
    assert '--scale must be within' in capsys.readouterr().err
