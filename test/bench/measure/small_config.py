# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A small model of random weights with the published vocabulary."""

from __future__ import annotations

from transformers import Kosmos2Config

from kosmos_ros.bench.measure.random_checkpoint import ENTRIES


def small_config() -> Kosmos2Config:
    """Return its configuration: one layer of each part, 16 wide."""
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
