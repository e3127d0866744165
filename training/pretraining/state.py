# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""State shared by the processes of a training, and stored in checkpoints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
import os
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Kosmos2ForConditionalGeneration

from training.model import HelperHeads, model_config, start_model
from training.muon import Slot

CHECKPOINT = 'checkpoint.pt'


@dataclass(frozen=True)
class Counters:
    """Progress of a training; ``seconds`` are wall clock over all its runs."""

    step: int = 0
    text_step: int = 0
    images: int = 0
    seconds: float = 0.0


class Trained(nn.Module):
    """All that is trained: the model, with its start values, and the helper heads."""

    def __init__(self, width: int, vision_layers: int) -> None:
        super().__init__()
        self.model = start_model(model_config(width, vision_layers))
        torch.manual_seed(1)
        self.helpers = HelperHeads(width)


def vision_parameters(model: Kosmos2ForConditionalGeneration) -> dict[str, nn.Parameter]:
    """Return what turns an image into the latents that the decoder reads."""
    return {
        name: value for name, value in model.named_parameters() if not name.startswith('text_')
    }


@torch.no_grad()
def take_weights(modules: Trained, folder: Path, vision_only: bool = False) -> None:
    """
    Copy the weights of a model folder, or only those of its vision tower.

    :raises ValueError: if it is of another size.
    """
    model = Kosmos2ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    chosen = vision_parameters if vision_only else _parameters
    ours, theirs = chosen(modules.model), chosen(model)
    for name in {**ours, **theirs}:
        needed, found = (_shape(one.get(name)) for one in (ours, theirs))
        if needed != found:
            raise ValueError(f'{name} has {found} numbers in {folder}, this model needs {needed}')
    for name, value in ours.items():
        value.copy_(theirs[name])


def _parameters(model: Kosmos2ForConditionalGeneration) -> dict[str, nn.Parameter]:
    return dict(model.named_parameters())


def _shape(value: nn.Parameter | None) -> str:
    return 'no' if value is None else ' x '.join(map(str, value.shape))


def freeze_vision(modules: Trained) -> None:
    """Keep the vision tower as it is."""
    for value in vision_parameters(modules.model).values():
        value.requires_grad_(False)


class SharedState:
    """
    Flat float32 tensors in shared memory: values, optimiser state, gradients of each process.

    :param modules: gives the sizes; their values are copied in.
    """

    def __init__(self, modules: Trained, world: int) -> None:
        self.values = nn.utils.parameters_to_vector(modules.parameters()).detach().share_memory_()
        self.first = torch.zeros_like(self.values).share_memory_()
        self.second = torch.zeros_like(self.values).share_memory_()
        self.gradients = torch.zeros(world, len(self.values)).share_memory_()
        self.clock = torch.zeros(1, dtype=torch.float64).share_memory_()
        self.scores = torch.zeros(world, 9, dtype=torch.float64).share_memory_()

    def adopt(self, modules: Trained, rank: int) -> list[Slot]:
        """Move a process's modules into the shared memory; return the slots that learn."""
        sizes = [parameter.numel() for parameter in modules.parameters()]
        flat = (self.values, self.first, self.second, *self.gradients)
        parts = zip(*(one.split(sizes) for one in flat), strict=True)
        slots = []
        for (name, parameter), views in zip(modules.named_parameters(), parts, strict=True):
            value, first, second, *gradients = (view.view(parameter.shape) for view in views)
            parameter.data, parameter.grad = value, gradients[rank]
            if parameter.requires_grad:
                slots.append(Slot(name.removeprefix('model.'), value, gradients, first, second))
        return slots

    def save(self, folder: Path, counters: Counters, settings: dict[str, Any]) -> None:
        """Write a checkpoint, replacing the last one only when it is complete."""
        content = {
            'values': self.values,
            'first': self.first,
            'second': self.second,
            'counters': asdict(counters),
            'settings': settings,
        }
        partial = folder / f'{CHECKPOINT}.partial'
        torch.save(content, partial)
        os.replace(partial, folder / CHECKPOINT)

    def restore(self, folder: Path) -> Counters:
        """
        Read a checkpoint.

        :raises ValueError: if it belongs to a model of another size.
        """
        content = read_checkpoint(folder)
        if content['values'].shape != self.values.shape:
            raise ValueError(
                f'{folder / CHECKPOINT} has {content["values"].numel()} numbers, '
                f'this model needs {self.values.numel()}'
            )
        for name in ('values', 'first', 'second'):
            getattr(self, name).copy_(content[name])
        return Counters(**content['counters'])


def read_checkpoint(folder: Path) -> dict[str, Any]:
    """Read a checkpoint as plain tensors and numbers."""
    content: dict[str, Any] = torch.load(folder / CHECKPOINT, weights_only=True)
    return content
