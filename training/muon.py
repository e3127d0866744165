# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The optimiser: Muon for the matrices inside the layers, AdamW for the rest.

Muon (K. Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) replaces the momentum of
a matrix by the nearest matrix with equal singular values. All state lives in flat shared tensors,
that of ``torch.optim.Muon`` too; each process updates its own share of the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

MOMENTUM = 0.95
BETAS = (0.9, 0.98)
EPSILON = 1e-8
MAX_NORM = 1.0
"""A gradient of AdamW is scaled down to this norm, tensor by tensor."""


@dataclass(frozen=True)
class Slot:
    """One parameter: its name, and its views of values, gradients (one a process) and state."""

    name: str
    value: torch.Tensor
    gradients: Sequence[torch.Tensor]
    first: torch.Tensor
    second: torch.Tensor

    @property
    def uses_muon(self) -> bool:
        """Tell whether this is a matrix inside a layer."""
        return self.value.ndim == 2 and '.layers.' in self.name

    @property
    def is_text(self) -> bool:
        """Tell whether this belongs to the decoder."""
        return 'text_model' in self.name

    @property
    def rate(self) -> float:
        """Factor on AdamW's learning rate."""
        if 'image_to_text_projection' in self.name:
            return 0.5
        if 'patch_embedding' in self.name or 'position_embedding' in self.name:
            return 0.5
        return 0.6 if 'embed_tokens' in self.name else 1.0

    def gradient(self) -> torch.Tensor:
        """Return the mean of the processes' gradients."""
        return sum(self.gradients[1:], self.gradients[0]) / len(self.gradients)


@dataclass(frozen=True)
class Rates:
    """Learning rates at their highest, and the weight decay."""

    muon: float = 0.016
    adam: float = 1.2e-3
    decay: float = 0.02


def share(slots: Sequence[Slot], rank: int, world: int) -> list[Slot]:
    """Return the slots that one process updates: about equal work for each."""
    loads = [0] * world
    mine = []
    for slot in sorted(slots, key=lambda slot: (-slot.value.numel(), slot.name)):
        owner = loads.index(min(loads))
        loads[owner] += slot.value.numel() * (4 if slot.uses_muon else 1)
        if owner == rank:
            mine.append(slot)
    return mine


def muon_step(slots: Sequence[Slot], rate: float, decay: float) -> None:
    """Update matrices; decay follows the rate, which is higher where there are more rows."""
    if not slots:
        return
    groups = [
        {
            'params': [slot.value],
            'weight_decay': decay * max(1.0, slot.value.shape[0] / slot.value.shape[1]) ** 0.5,
        }
        for slot in slots
    ]
    optimizer = torch.optim.Muon(groups, rate, momentum=MOMENTUM, adjust_lr_fn='original')
    for slot in slots:
        slot.value.grad = slot.gradient()
        optimizer.state[slot.value]['momentum_buffer'] = slot.first
    optimizer.step()


def adam_step(slot: Slot, rate: float, decay: float, count: int) -> None:
    """
    Update one tensor.

    :param count: how many updates it has had, this one included.
    """
    gradient = slot.gradient()
    gradient = gradient * min(1.0, MAX_NORM / (gradient.norm().item() + 1e-6))
    slot.first.lerp_(gradient, 1 - BETAS[0])
    slot.second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
    if slot.value.ndim >= 2:
        slot.value.mul_(1 - rate * decay)
    mean = slot.first / (1 - BETAS[0] ** count)
    deviation = (slot.second / (1 - BETAS[1] ** count)).sqrt() + EPSILON
    slot.value.addcdiv_(mean, deviation, value=-rate)


class Optimizer:
    """Updates one process's share of the parameters."""

    def __init__(self, slots: Sequence[Slot], rates: Rates) -> None:
        self._slots, self._rates = slots, rates

    @torch.no_grad()
    def step(self, factor: float, vision_count: int, text_count: int) -> None:
        """
        Update once.

        :param factor: on the learning rates (the schedule).
        :param vision_count: updates of the vision tower so far, this one included.
        :param text_count: the same of the decoder; 0 leaves it as it is.
        """
        active = [slot for slot in self._slots if text_count or not slot.is_text]
        matrices = [slot for slot in active if slot.uses_muon]
        muon_step(matrices, self._rates.muon * factor, self._rates.decay)
        for slot in active:
            if not slot.uses_muon:
                count = text_count if slot.is_text else vision_count
                rate = self._rates.adam * factor * slot.rate
                adam_step(slot, rate, self._rates.decay, count)
