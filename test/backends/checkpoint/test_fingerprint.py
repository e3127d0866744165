# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``backends.checkpoint.fingerprint``."""

from __future__ import annotations

from pathlib import Path
import shutil

import pytest

pytest.importorskip('torch', reason='the fixtures need torch')

from safetensors.torch import load_file, save_file

from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.core.errors import ModelLoadError


def test_a_copy_has_the_same_whatever_else_is_beside_it(own_folder: Path, tmp_path: Path) -> None:
    before = model_fingerprint(own_folder)
    assert len(before) == 32
    copy = shutil.copytree(own_folder, tmp_path / 'copy')
    for name in ('calibration.json', 'self_check.json', 'README.md', 'SHA256SUMS'):
        (copy / name).write_text('{}')
    assert model_fingerprint(copy) == before


def test_a_model_that_was_trained_further_has_another(own_folder: Path) -> None:
    before = model_fingerprint(own_folder)
    file = own_folder / 'model.safetensors'
    weights = load_file(file)
    name = next(name for name, tensor in weights.items() if tensor.ndim > 1)
    weights[name] = weights[name] * 1.01
    save_file(weights, file, {'format': 'pt'})
    assert model_fingerprint(own_folder) != before


@pytest.mark.parametrize('name', ['config.json', 'tokenizer.json'])
def test_settings_and_tokenizer_count(own_folder: Path, name: str) -> None:
    before = model_fingerprint(own_folder)
    (own_folder / name).write_text((own_folder / name).read_text() + '\n')
    assert model_fingerprint(own_folder) != before


@pytest.mark.parametrize('content', [b'', b'\xff' * 64, b'\x02\0\0\0\0\0\0\0{]'])
def test_damaged_weights_are_named(own_folder: Path, content: bytes) -> None:
    (own_folder / 'model.safetensors').write_bytes(content)
    with pytest.raises(ModelLoadError, match=r'model\.safetensors'):
        model_fingerprint(own_folder)
