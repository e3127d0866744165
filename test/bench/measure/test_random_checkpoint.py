# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Random weights are made once, load as any checkpoint does, and only where there is room."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import Kosmos2Config

from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.measure import random_checkpoint as module
from kosmos_ros.bench.measure.random_checkpoint import checkpoint_note, random_checkpoint
from kosmos_ros.bench.measure.tokenizers import ENTRIES


@pytest.fixture
def config() -> Kosmos2Config:
    """Return a small model with the published vocabulary."""
    return Kosmos2Config(
        text_config={
            'vocab_size': ENTRIES,
            'embed_dim': 16,
            'layers': 1,
            'ffn_dim': 16,
            'attention_heads': 2,
        },
        vision_config={
            'hidden_size': 16,
            'num_hidden_layers': 1,
            'num_attention_heads': 2,
            'intermediate_size': 16,
            'image_size': 28,
            'patch_size': 14,
        },
    )


def test_it_is_made_once_and_loads(tmp_path: Path, config: Kosmos2Config) -> None:
    said: list[str] = []
    folder = random_checkpoint(tmp_path / 'random', '', said.append, config)
    assert len(said) == 1
    assert 'stand-in' in checkpoint_note(folder)
    loaded = load_model(ModelSettings(str(folder), device='cpu', dtype='bfloat16'))
    assert loaded.dtype is torch.bfloat16
    assert len(loaded.vocabulary) == ENTRIES
    made = (folder / 'model.safetensors').stat().st_mtime_ns
    assert random_checkpoint(folder, '', said.append, config) == folder
    assert (folder / 'model.safetensors').stat().st_mtime_ns == made
    assert [path.name for path in tmp_path.iterdir()] == ['random']


def test_another_tokenizer_makes_it_anew(
    tmp_path: Path, config: Kosmos2Config, embedded: Path
) -> None:
    random_checkpoint(tmp_path / 'random', '', print, config)
    folder = random_checkpoint(tmp_path / 'random', str(embedded), print, config)
    assert str(embedded) in checkpoint_note(folder)


@pytest.mark.parametrize('what', ['disk space', 'memory'])
def test_too_little_room_is_said_before_anything_is_written(
    what: str, tmp_path: Path, config: Kosmos2Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == 'memory':
        monkeypatch.setattr(module, 'available_memory', lambda: 1000)
    else:
        monkeypatch.setattr(module, '_SPARE', 1 << 62)
    with pytest.raises(BenchError, match=what):
        random_checkpoint(tmp_path / 'random', '', print, config)
    assert not (tmp_path / 'random').exists()


def test_other_folders_have_no_note(embedded: Path) -> None:
    assert checkpoint_note(embedded) == ''
