# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Random weights are made once, load as any checkpoint does, and only where there is room.

Their tokenizer has the published one's size and splits as it does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import CLIPImageProcessorPil, Kosmos2Config, Kosmos2Processor

from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.measure import random_checkpoint as module
from kosmos_ros.bench.measure.random_checkpoint import (
    checkpoint_note,
    ENTRIES,
    make_tokenizer,
    random_checkpoint,
)
from kosmos_ros.bench.plan import PHRASES
from test.bench.measure.small_config import small_config


@pytest.fixture
def config() -> Kosmos2Config:
    """Return a small model with the published vocabulary."""
    return small_config()


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


def vocabulary(source: str) -> tuple[Kosmos2Vocabulary, str]:
    tokenizer, note = make_tokenizer(source)
    return Kosmos2Vocabulary(Kosmos2Processor(CLIPImageProcessorPil(), tokenizer), 64), note


def test_the_stand_in_is_as_large_and_says_what_it_is() -> None:
    found, note = vocabulary('')
    assert len(found) == ENTRIES
    assert 'stand-in' in note
    for phrase in PHRASES:
        assert len(found.encode_text(f' {phrase}')) == 3


def test_the_published_vocabulary_is_read_from_its_file(kosmos2_material: Path) -> None:
    pytest.importorskip('google.protobuf', reason='reading a sentencepiece file needs protobuf')
    found, note = vocabulary(str(kosmos2_material / 'sentencepiece.bpe.model'))
    assert len(found) == ENTRIES
    assert note == 'published tokenizer'
    assert found.encode_text(' An image of') == (712, 1648, 9)


def test_a_folder_lends_its_tokenizer(embedded: Path) -> None:
    found, note = vocabulary(str(embedded))
    assert len(found) < ENTRIES
    assert str(embedded) in note


def test_what_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / 'pieces.model'
    broken.write_bytes(b'\xff\xff not a model')
    for source in (str(tmp_path), str(broken), 'nobody/nothing'):
        with pytest.raises(BenchError):
            make_tokenizer(source)
