# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Linear layers with weights packed in the order in which oneDNN reads them.

On CPUs torch passes plain weights to oneDNN, which reorders them at each call or reads them in an
order that suits it less. Reordered once, bfloat16 layers get closer to what memory and arithmetic
allow. The operators are private to torch (its compiler uses them), so nothing here relies on them:
layers are packed only where a trial gives the plain result, in no more time.
"""

from __future__ import annotations

from functools import partial
import logging
import time
from typing import Any

import torch
from torch import nn

from kosmos_ros.backends.linears.precision import LayerShape, TRIAL_TOKENS
from kosmos_ros.backends.linears.replace import replace_linears
from kosmos_ros.backends.linears.timing import Clock, fastest

_logger = logging.getLogger(__name__)

_TOLERANCE = 0.02
"""Of the largest output; bfloat16 itself resolves 1/256."""

_SLOWER = 0.9
"""Packed layers that seem slower by a tenth are not used; less may be other work at that time."""

_BUDGET = 0.06


class PackedLinear(nn.Module):
    """
    A linear layer with a packed weight, usable only for this product.

    :param linear: the layer in bfloat16; its weight is copied, its bias taken over.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.in_features = linear.in_features
        self.out_features = linear.out_features
        # The operator has no gradient.
        self.bias = None if linear.bias is None else linear.bias.requires_grad_(False)
        operators: Any = torch.ops.mkldnn
        self._packed = operators._reorder_linear_weight(linear.weight.detach(), None)
        self._product = operators._linear_pointwise

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., outputs) bfloat16 of (..., inputs) bfloat16."""
        result: torch.Tensor = self._product(x, self._packed, self.bias, 'none', [], '')
        return result


def pack_linears(model: nn.Module, shape: LayerShape, clock: Clock = time.perf_counter) -> bool:
    """Pack the linear layers of a bfloat16 model on the CPU where that works and costs no time."""
    obstacle = packing_obstacle(shape, clock)
    if obstacle:
        _logger.info('linear layers stay as they are: %s', obstacle)
        return False
    count = replace_linears(model, PackedLinear)
    _logger.debug('packed %d linear layers', count)
    return True


def packing_obstacle(shape: LayerShape, clock: Clock = time.perf_counter) -> str:
    """Return what speaks against packed layers on this machine, empty if nothing does."""
    plain = shape.trial_layer(torch.bfloat16)
    inputs = {
        tokens: torch.linspace(-1, 1, tokens * shape.inputs, dtype=torch.bfloat16).view(tokens, -1)
        for tokens in TRIAL_TOKENS
    }
    with torch.inference_mode():
        try:
            packed = PackedLinear(plain)
            errors = [_error(plain, packed, x) for x in inputs.values()]
        # A missing operator is an AttributeError, one with other arguments a RuntimeError.
        except (AttributeError, RuntimeError) as error:
            return f'this torch cannot pack them ({str(error).splitlines()[0]})'
        if not max(errors) <= _TOLERANCE:
            return f'packed ones are off by {max(errors):.1%}'
        gain = sum(_gain(plain, packed, x, clock) for x in inputs.values()) / len(inputs)
    return '' if gain >= _SLOWER else f'packed ones take {1 / gain:.2f} times as long'


def _error(plain: nn.Module, packed: nn.Module, x: torch.Tensor) -> float:
    expected = plain(x).float()
    return float((packed(x).float() - expected).abs().max() / expected.abs().max())


def _gain(plain: nn.Module, packed: nn.Module, x: torch.Tensor, clock: Clock) -> float:
    actions = {'plain': partial(plain, x), 'packed': partial(packed, x)}
    times = fastest(actions, _BUDGET / len(TRIAL_TOKENS), clock)
    return times['plain'] / max(times['packed'], 1e-9)
