# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Linear layers with the same input, computed as one.

An attention layer applies its query, key and value projections in turn to the same tensor. For few
tokens the time is that of reading the weights, and one long read with one start of all threads
takes less time than three: 26 ms against 33 ms for the 24 layers of the full-size decoder in
bfloat16, on two cores that read 27 GB/s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

PROJECTIONS = ('q_proj', 'k_proj', 'v_proj')
"""Their names in the library's attention layers."""


class JointLinear(nn.Module):
    """Several linear layers in one: ``layer`` gives their outputs, of ``sizes``, side by side."""

    def __init__(self, layer: nn.Module, sizes: Sequence[int]) -> None:
        super().__init__()
        self.layer = layer
        self._sizes = list(sizes)
        self._input: torch.Tensor | None = None
        self._waiting: dict[int, torch.Tensor] = {}

    def part(self, index: int, x: torch.Tensor) -> torch.Tensor:
        """
        Return the output of one layer for (..., inputs).

        Those of the others are kept until they are asked for with the same tensor.
        """
        if self._input is not x or index not in self._waiting:
            self._waiting = dict(enumerate(self.layer(x).split(self._sizes, dim=-1)))
        part = self._waiting.pop(index)
        self._input = x if self._waiting else None
        return part


class PartialLinear(nn.Module):
    """One of the layers that are computed together."""

    def __init__(self, joint: JointLinear, index: int) -> None:
        super().__init__()
        self.joint = joint
        self._index = index

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., outputs) of (..., inputs)."""
        return self.joint.part(self._index, x)


def joinable(module: nn.Module) -> list[nn.Linear]:
    """Return the projections of an attention layer, none if they are not of one kind."""
    candidates = (getattr(module, name, None) for name in PROJECTIONS)
    linears: list[nn.Linear] = [layer for layer in candidates if type(layer) is nn.Linear]
    kinds = {(layer.in_features, layer.bias is None, layer.weight.dtype) for layer in linears}
    return linears if len(linears) == len(PROJECTIONS) and len(kinds) == 1 else []


def join_projections(
    module: nn.Module, layers: Sequence[nn.Linear], make: Callable[[nn.Linear], nn.Module]
) -> None:
    """Replace the projections of an attention layer, which ``joinable`` found, by parts of one."""
    sizes = [layer.out_features for layer in layers]
    joint = JointLinear(make(_side_by_side(layers)), sizes)
    for index, name in enumerate(PROJECTIONS):
        setattr(module, name, PartialLinear(joint, index))


def _side_by_side(layers: Sequence[nn.Linear]) -> nn.Linear:
    """Return the plain layer with the outputs of several."""
    with torch.no_grad():
        weight = torch.cat([layer.weight for layer in layers])
        together = nn.Linear(*weight.shape[::-1], device='meta', dtype=weight.dtype)
        together.weight = nn.Parameter(weight)
        biases = [layer.bias for layer in layers if layer.bias is not None]
        together.bias = nn.Parameter(torch.cat(biases)) if biases else None
    return together
