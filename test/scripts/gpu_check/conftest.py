# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A model as the steps make it, but tiny."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('torch', reason='the steps run models')
pytest.importorskip('transformers', reason='the steps run models')

from transformers import Kosmos2Config

from kosmos_ros.bench.measure.random_checkpoint import ENTRIES, random_checkpoint


@pytest.fixture(scope='session')
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny checkpoint of random weights with the published vocabulary."""
    config = Kosmos2Config(
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
    return random_checkpoint(tmp_path_factory.mktemp('tiny') / 'model', '', print, config)
