# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An estimate of the memory that a fine-tuning needs, from the numbers of weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import Kosmos2ForConditionalGeneration

from training.finetuning.adapters import trained

_GIB = 1 << 30
_ADAM_BYTES = 4 + 4 + 4
"""Of each trained number: its gradient and the two averages of AdamW, in float32."""


@dataclass(frozen=True)
class MemoryPlan:
    """
    Bytes on the device.

    ``weights`` of the model with its adapters, ``training`` for gradients and optimiser,
    ``activations`` for the backward pass, ``logits`` for the answers' probabilities.
    """

    weights: int
    training: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """Return all of it."""
        return self.weights + self.training + self.activations + self.logits

    def __str__(self) -> str:
        """Say it in words."""
        parts = (f'{name} {value / _GIB:.2f}' for name, value in vars(self).items())
        return f'{self.total / _GIB:.1f} GiB ({", ".join(parts)})'


def memory_plan(
    model: Kosmos2ForConditionalGeneration, images: int, rows: int, length: int, answer: int
) -> MemoryPlan:
    """
    Estimate what a pass needs.

    Without checkpointing a layer of a transformer keeps about 16 numbers of its width for each
    token, and 2 of the width of its feed-forward part; with it, one of its width, and one layer
    is computed at a time.

    :param images: of a pass.
    :param rows: of a pass, about all images.
    :param length: tokens of a row.
    :param answer: tokens at the end of a row whose probabilities are computed.
    """
    numbers = sum(value.numel() for _, value in trained(model))
    weights = sum(value.numel() * value.element_size() for value in model.parameters())
    text, vision = model.config.text_config, model.config.vision_config
    patches = (vision.image_size // vision.patch_size) ** 2 + 1
    size = torch.finfo(model.dtype).bits // 8
    decoder = _layers(text.layers, text.embed_dim, text.ffn_dim, rows * length, model)
    tower = _layers(
        vision.num_hidden_layers,
        vision.hidden_size,
        vision.intermediate_size,
        images * patches,
        model,
    )
    # Logits, as floats, their probabilities and their gradients.
    logits = rows * answer * text.vocab_size * (size + 3 * 4)
    return MemoryPlan(weights, numbers * _ADAM_BYTES, size * (decoder + tower), logits)


def _layers(
    layers: int, width: int, inner: int, tokens: int, model: Kosmos2ForConditionalGeneration
) -> int:
    one = tokens * (16 * width + 2 * inner)
    return layers * tokens * width + one if model.is_activation_checkpointing else layers * one
