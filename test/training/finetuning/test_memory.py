# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

from transformers import Kosmos2ForConditionalGeneration

from training.finetuning.adapters import prepare
from training.finetuning.memory import memory_plan
from training.finetuning.settings import Settings


def test_adapters_and_checkpointing_need_less(
    load_tiny: Callable[[], Kosmos2ForConditionalGeneration],
    make_settings: Callable[..., Settings],
) -> None:
    adapted, full, checkpointed = load_tiny(), load_tiny(), load_tiny()
    prepare(adapted, make_settings(rank=4))
    prepare(full, make_settings(full=True))
    prepare(checkpointed, make_settings(full=True))
    checkpointed.activation_checkpointing_enable()
    small, large, less = (
        memory_plan(model, images=2, rows=8, length=90, answer=20)
        for model in (adapted, full, checkpointed)
    )
    numbers = sum(value.numel() for value in full.parameters())
    assert large.training == 12 * numbers
    assert small.training < large.training / 2
    assert large.weights == 4 * numbers
    assert less.activations < large.activations
    assert 'GiB' in str(small)
