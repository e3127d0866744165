# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The state to resume a fine-tuning from: trained weights, optimiser, step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.files import writing
from training.finetuning.adapters import trained
from training.finetuning.settings import Settings

CHECKPOINT = 'checkpoint.pt'


def save_state(
    model: Kosmos2ForConditionalGeneration,
    optimizer: torch.optim.Optimizer,
    step: int,
    settings: Settings,
) -> Path:
    """Write the checkpoint, replacing the last one only when it is complete; return its path."""
    path = settings.run_folder / CHECKPOINT
    content = {
        'step': step,
        'settings': json.dumps(settings.of_the_run()),
        'values': {name: value.detach().cpu() for name, value in trained(model)},
        'optimizer': optimizer.state_dict(),
    }
    with writing(path) as stream:
        torch.save(content, stream)
    return path


def check_resumable(settings: Settings) -> None:
    """
    Refuse to resume without a checkpoint, and to overwrite one.

    :raises InvalidRequestError: in both cases.
    """
    path = settings.run_folder / CHECKPOINT
    if settings.resume and not path.is_file():
        raise InvalidRequestError(f'--resume: there is no {path} to go on from')
    if path.is_file() and not settings.resume:
        raise InvalidRequestError(
            f'{settings.to} holds a fine-tuning already: go on with --resume, or name another '
            'folder with --to'
        )
    if (settings.to / 'config.json').is_file() and not settings.resume:
        raise InvalidRequestError(
            f'{settings.to} holds a model already, which would be overwritten: name another '
            'folder with --to'
        )


def restore_state(
    model: Kosmos2ForConditionalGeneration,
    optimizer: torch.optim.Optimizer,
    settings: Settings,
) -> int:
    """
    Read the checkpoint into model and optimiser.

    :returns: the number of steps that are done.
    :raises InvalidRequestError: if it belongs to other settings.
    """
    path = settings.run_folder / CHECKPOINT
    content: dict[str, Any] = torch.load(path, weights_only=True)
    before, now = json.loads(content['settings']), settings.of_the_run()
    different = sorted(name for name in now if before.get(name) != now[name])
    if different:
        told = ', '.join(f'{name} was {before.get(name)!r}' for name in different)
        raise InvalidRequestError(f'--resume: {path} belongs to other settings: {told}')
    values = dict(trained(model))
    with torch.no_grad():
        for name, value in content['values'].items():
            values[name].copy_(value)
    optimizer.load_state_dict(content['optimizer'])
    return int(content['step'])
