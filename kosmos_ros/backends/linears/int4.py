# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Linear layers with a copy of their weight in 4 bits, for few tokens at a time.

The time of a pass over few tokens is that of reading the weights, so a quarter of the bytes takes
about a quarter of the time. For long inputs arithmetic is the limit, and the weight in its own
number format is used. Weights only are rounded, in groups of inputs, so that what a token gets
does not depend on the others of its pass.
"""

from __future__ import annotations

from functools import partial
import logging
import time

import torch
from torch import nn

from kosmos_ros.backends.linears.precision import LayerShape
from kosmos_ros.backends.linears.replace import replace_linears
from kosmos_ros.backends.linears.timing import Clock, fastest
from kosmos_ros.core.errors import MissingDependencyError

_logger = logging.getLogger(__name__)

FEW_TOKENS = 4
"""Up to here the operator takes hardly longer than for one token; it unpacks each weight for this
many tokens at once."""

GROUP = 32
"""Inputs with a common scale; the smallest that the operator takes, and the most accurate."""

_OUTPUTS = 64
"""The operator takes outputs by this number."""

_LEVELS = 15
_ZERO = 8
_MIN_SIMILARITY = 0.98
_BUDGET = 0.06


class Int4Linear(nn.Module):
    """
    A linear layer that computes few tokens with weights of 4 bits.

    :param long: the plain layer; used for other inputs, and its bias for all.
    :raises ValueError: if the operator cannot take its shape, see ``fits``.
    """

    def __init__(self, long: nn.Linear) -> None:
        super().__init__()
        if not fits(long):
            raise ValueError(f'no 4 bit layer has {long.in_features}x{long.out_features} weights')
        self.in_features = long.in_features
        self.out_features = long.out_features
        self.bias = None if long.bias is None else long.bias.detach()
        self.long: nn.Module = long
        with torch.inference_mode():
            self._packed, self._scales = _rounded(long.weight.detach())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., outputs) of (..., inputs), in the type of the input."""
        if x.numel() > FEW_TOKENS * self.in_features:
            long: torch.Tensor = self.long(x)
            return long
        return self.short(x)

    def short(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., outputs) of (..., inputs) by the weights of 4 bits."""
        rows = x.reshape(-1, self.in_features).to(torch.bfloat16)
        found = torch.ops.aten._weight_int4pack_mm_for_cpu(rows, self._packed, GROUP, self._scales)
        result = found.to(x.dtype).view(*x.shape[:-1], self.out_features)
        return result if self.bias is None else result + self.bias


def fits(layer: nn.Linear) -> bool:
    """Tell whether the operator can take the shape of a layer."""
    return layer.in_features % GROUP == 0 and layer.out_features % _OUTPUTS == 0


def add_int4(model: nn.Module) -> None:
    """Let the linear layers of a model on the CPU compute few tokens with 4 bits."""
    count = replace_linears(model, lambda layer: Int4Linear(layer) if fits(layer) else layer)
    _logger.debug('%d linear layers, few tokens in 4 bits', count)


def require_int4(shape: LayerShape, dtype: torch.dtype, clock: Clock = time.perf_counter) -> None:
    """
    Make sure that such layers compute correctly here, and log how much faster they are.

    :param shape: layer to try them on; one that does not fit is not tried.
    :raises MissingDependencyError: if this torch cannot run them on this CPU.
    """
    plain = shape.trial_layer(dtype)
    if not fits(plain):
        return
    x = torch.linspace(-1, 1, shape.inputs, dtype=dtype)[None]
    fault = ''
    with torch.inference_mode():
        try:
            short = Int4Linear(plain).forward
            similarity = float(nn.functional.cosine_similarity(plain(x), short(x)).float())
        # A missing operator is an AttributeError, one with other arguments a RuntimeError.
        except (AttributeError, RuntimeError) as error:
            fault = str(error).splitlines()[0]
        else:
            if not similarity >= _MIN_SIMILARITY:
                fault = f'wrong results (similarity {similarity:.3f})'
        if fault:
            raise MissingDependencyError(
                f'torch {torch.__version__} cannot run quantization int4 on this CPU ({fault}); '
                'use quantization none, int8, 8bit or 4bit'
            )
        times = fastest({'plain': partial(plain, x), 'int4': partial(short, x)}, _BUDGET, clock)
    _logger.info('a layer takes %.2f of its time in 4 bits', times['int4'] / times['plain'])


def _rounded(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Round (outputs, inputs) weights in groups.

    :returns: what the operator reads, and (groups, outputs, 2) bfloat16 steps and middles: a
        weight is (level - 8) * step + middle.
    """
    groups = weight.float().view(len(weight), -1, GROUP)
    low, high = groups.aminmax(dim=-1, keepdim=True)
    # The operator has them in bfloat16, so the levels are those of what it has.
    step = ((high - low) / _LEVELS).clamp_min(1e-12).bfloat16().float()
    middle = (low + _ZERO * step).bfloat16().float()
    levels = ((groups - middle) / step + _ZERO).round().clamp(0, _LEVELS)
    packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(
        levels.view_as(weight).to(torch.int32), 1
    )
    scales = torch.cat([step, middle], dim=-1).transpose(0, 1).contiguous().bfloat16()
    return packed, scales
