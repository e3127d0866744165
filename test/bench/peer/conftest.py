# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where OpenVINO is installed: a checkpoint of random weights to export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from transformers import Kosmos2Config

from kosmos_ros.bench.jobs import NO_REPORTS
from kosmos_ros.bench.measure.random_checkpoint import ENTRIES, random_checkpoint


@pytest.fixture(scope='session')
def installed() -> Iterator[None]:
    """Skip without OpenVINO, and keep it from reporting to its maker."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NO_REPORTS.items():
            patch.setenv(name, value)
        for package in ('openvino', 'nncf'):
            reason = f"OpenVINO's recipe needs {package}: pip install openvino nncf"
            pytest.importorskip(package, reason=reason)
        yield


@pytest.fixture(scope='session')
def small(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint of random weights with the published vocabulary."""
    config = Kosmos2Config(
        text_config={
            'vocab_size': ENTRIES,
            'embed_dim': 32,
            'layers': 2,
            'ffn_dim': 64,
            'attention_heads': 2,
        },
        vision_config={
            'hidden_size': 32,
            'num_hidden_layers': 2,
            'num_attention_heads': 2,
            'intermediate_size': 32,
            'image_size': 28,
            'patch_size': 14,
        },
    )
    return random_checkpoint(tmp_path_factory.mktemp('small') / 'model', '', print, config)
