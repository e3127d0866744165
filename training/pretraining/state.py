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


class SharedState:
    """
    Flat float32 tensors in shared memory: values, optimiser state, gradients of each process.

    :param modules: gives the sizes; their values are copied in.
    """

    def __init__(self, modules: Trained, world: int) -> None:
        total = sum(parameter.numel() for parameter in modules.parameters())
        self.values = torch.zeros(total).share_memory_()
        self.first = torch.zeros(total).share_memory_()
        self.second = torch.zeros(total).share_memory_()
        self.gradients = torch.zeros(world, total).share_memory_()
        self.clock = torch.zeros(1, dtype=torch.float64).share_memory_()
        self.scores = torch.zeros(world, 9, dtype=torch.float64).share_memory_()
        start = 0
        for parameter in modules.parameters():
            end = start + parameter.numel()
            self.values[start:end] = parameter.detach().reshape(-1)
            start = end

    def adopt(self, modules: Trained, rank: int) -> list[Slot]:
        """Move a process's modules into the shared memory; return their slots."""
        slots = []
        start = 0
        for name, parameter in modules.named_parameters():
            end, shape = start + parameter.numel(), parameter.shape
            parameter.data = self.values[start:end].view(shape)
            parameter.grad = self.gradients[rank, start:end].view(shape)
            slots.append(
                Slot(
                    name.removeprefix('model.'),
                    parameter.data,
                    [row[start:end].view(shape) for row in self.gradients],
                    self.first[start:end].view(shape),
                    self.second[start:end].view(shape),
                )
            )
            start = end
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
