# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The model folder made by a fine-tuning, which loads by its path like any other.

The adapter is merged into the original weights in float32 and only the sum is rounded. The
tokenizer, its processor and the generation config are those of the original. Its calibration is
not copied: it was measured on another model, and without one scores are the model's own.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import GenerationConfig, Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.checkpoint.weights import load_weights
from kosmos_ros.core.files import write_text
from training.finetuning.adapters import merge_adapter, save_adapter
from training.finetuning.settings import Settings
from training.model_folder import CPU, write_model


def save_result(
    model: Kosmos2ForConditionalGeneration, processor: Kosmos2Processor, settings: Settings
) -> None:
    """Write the adapter, if there is one, and the model folder."""
    if settings.full:
        exact = model.to(CPU, torch.float32)
    else:
        save_adapter(model, settings, settings.adapter_folder)
        base = load_weights(find_checkpoint(settings.model), 'none', CPU, torch.float32)
        exact = merge_adapter(base, settings.adapter_folder)
    save_model(exact, processor, find_checkpoint(settings.model), settings.to, settings.save_dtype)


def save_model(
    exact: Kosmos2ForConditionalGeneration,
    processor: Kosmos2Processor,
    origin: Path,
    folder: Path,
    dtype: str,
) -> None:
    """
    Write a model folder.

    :param exact: in float32.
    :param origin: folder of the model that it was made from; gives the generation config.
    """
    generation = None
    if (origin / 'generation_config.json').is_file():
        generation = GenerationConfig.from_pretrained(origin)
    write_model(exact, processor, generation, folder, dtype)


def write_card(settings: Settings, comparison: str) -> Path:
    """Write the model's description and figures beside it; return the path."""
    changed = 'all weights' if settings.full else f'LoRA of rank {settings.rank}, merged'
    path = settings.to / 'README.md'
    write_text(
        path,
        f'# {settings.to.name}\n\n'
        f'Fine-tuned from `{settings.model}` on {settings.format} data ({settings.folder}): '
        f'{changed}, {settings.epochs} epochs, seed {settings.seed}.\n\n'
        'Its scores are not calibrated: they are as the model gives them. `kosmos-ros calibrate` '
        'does that on labelled images.\n\n'
        f'Measured on images that it did not learn:\n\n```\n{comparison}\n```\n',
    )
    return path
