# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A full-size KOSMOS-2 of random weights: its answers are meaningless, its cost is real.

The stock configuration (1.66 billion parameters) in bfloat16, 3.3 GB, made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any

import torch
from transformers import (
    CLIPImageProcessorPil,
    Kosmos2Config,
    Kosmos2ForConditionalGeneration,
    Kosmos2Processor,
)

from kosmos_ros.bench.machine import available_memory, BenchError
from kosmos_ros.bench.measure.tokenizers import make_tokenizer

NOTE = 'bench_note.json'
"""File beside the weights that says how the checkpoint was made."""

_BFLOAT16 = 2
_SPARE = 1 << 30
_SEED = 0

_ATTENTION = 4.0
"""Factor on the weights of queries and keys. As they are drawn, all tokens attend to all others
nearly alike, and every phrase gets the same box: precisions could not be compared by it."""


def random_checkpoint(
    folder: Path, tokenizer: str, say: Callable[[str], None], config: Kosmos2Config | None = None
) -> Path:
    """
    Return a checkpoint of random weights; made if it does not exist yet.

    :param folder: where it is kept; may be deleted at any time.
    :param tokenizer: a folder, a hub id, a sentencepiece file, or nothing for a stand-in.
    :param say: called with messages.
    :param config: of the model, the published one by default.
    :raises BenchError: if disk or memory are too small, or the tokenizer is not available.
    """
    made = {'tokenizer': tokenizer, 'attention': _ATTENTION}
    if made.items() <= _note(folder).items():
        return folder
    config = config or Kosmos2Config()
    with torch.device('meta'):
        empty = Kosmos2ForConditionalGeneration(config)
    size = _BFLOAT16 * sum(weights.numel() for weights in empty.parameters())
    folder.parent.mkdir(parents=True, exist_ok=True)
    _require('disk space', shutil.disk_usage(folder.parent).free, size, folder)
    _require('memory', available_memory(), size, folder)
    chosen, note = make_tokenizer(tokenizer)
    side = config.vision_config.image_size
    images = CLIPImageProcessorPil(size={'height': side, 'width': side}, do_center_crop=False)
    processor = Kosmos2Processor(images, chosen)
    say(f'making a checkpoint of random weights in {folder}, once ({size / 1e9:.1f} GB)')
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        _random_model(config).save_pretrained(unfinished)
        processor.save_pretrained(unfinished)
        text = json.dumps(made | {'note': f'random weights, {note}'})
        Path(unfinished, NOTE).write_text(text + '\n', encoding='utf-8')
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(unfinished, folder, copy_function=shutil.move)
    return folder


def checkpoint_note(folder: Path) -> str:
    """Return how a random checkpoint was made; empty for any other."""
    return str(_note(folder).get('note', ''))


def _note(folder: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding='utf-8'))
    except FileNotFoundError:
        return {}
    return note


def _random_model(config: Kosmos2Config) -> Kosmos2ForConditionalGeneration:
    torch.manual_seed(_SEED)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        model = Kosmos2ForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(usual)
    with torch.no_grad():
        for layer in model.text_model.model.layers:
            layer.self_attn.q_proj.weight.mul_(_ATTENTION)
            layer.self_attn.k_proj.weight.mul_(_ATTENTION)
    return model


def _require(what: str, free: int, size: int, folder: Path) -> None:
    needed = size + _SPARE
    if free < needed:
        raise BenchError(
            f'{folder} needs {needed / 1e9:.1f} GB of {what} to be made, '
            f'{free / 1e9:.1f} GB are free'
        )
