# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Bytes that a decode pass reads are counted from the checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.bench.measure.bandwidth import (
    decoder_size,
    DecoderSize,
    parameter_count,
    read_bandwidth,
)


def test_sizes_are_those_of_the_loaded_model(embedded: Path) -> None:
    model = Kosmos2ForConditionalGeneration.from_pretrained(embedded)
    size = decoder_size(embedded)
    layers = sum(weight.numel() for weight in model.text_model.model.layers.parameters())
    assert size.linear + size.other == layers
    assert (size.vocabulary, size.width) == tuple(model.text_model.lm_head.weight.shape)
    assert parameter_count(embedded) == sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize(
    ('dtype', 'quantization', 'expected'),
    [
        ('float32', 'none', 4 * (1000 + 10 + 3 * 7)),
        ('bfloat16', 'none', 2 * (1000 + 10 + 3 * 7)),
        ('bfloat16', 'int8', 1000 + 2 * (10 + 3 * 7)),
        ('bfloat16', '4bit', 500 + 2 * (10 + 3 * 7)),
    ],
)
def test_bytes_follow_the_precision(dtype: str, quantization: str, expected: int) -> None:
    size = DecoderSize(linear=1000, other=10, width=7, vocabulary=100)
    assert size.pass_bytes(dtype, quantization, head_rows=3) == expected


def test_memory_is_read() -> None:
    assert min(read_bandwidth(1 << 24)) > 0
