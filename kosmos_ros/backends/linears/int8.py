# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Linear layers in 8 bits on the CPU: weights by output channel, inputs by call.

Weights are rounded once. The inputs of a call are rounded on one common scale, so a question in a
batch gets almost, not exactly, what it would get alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
import logging
import time
from typing import Any
import warnings

import torch
from torch import nn

from kosmos_ros.backends.linears.precision import LayerShape, TRIAL_TOKENS
from kosmos_ros.backends.linears.replace import replace_linears
from kosmos_ros.backends.linears.timing import Clock, fastest
from kosmos_ros.core.errors import MissingDependencyError

_logger = logging.getLogger(__name__)

ENGINES = {'onednn': False, 'x86': True}
"""torch's runtimes of 8 bit layers, and which of them must round inputs to 7 bits: x86 adds
pairs of products in 16 bits on CPUs without VNNI."""

_BUDGET = 0.12
_MIN_SIMILARITY = 0.99
_LEVELS = 127


class Int8Linear(nn.Module):
    """A linear layer that computes in 8 bit integers; it copies the weight of a plain one."""

    def __init__(self, linear: nn.Linear, engine: str) -> None:
        super().__init__()
        self.in_features = linear.in_features
        self.out_features = linear.out_features
        weight = linear.weight.detach().float()
        bias = None if linear.bias is None else linear.bias.detach().float()
        # A row of zeros needs a scale too.
        scales = weight.abs().amax(dim=1).clamp_min(1e-12).double() / _LEVELS
        zeros = torch.zeros(len(weight), dtype=torch.long)
        operators: Any = torch.ops.quantized
        with _engine(engine), warnings.catch_warnings():
            # The operators are deprecated. Where they are gone, choose_engine raises.
            warnings.simplefilter('ignore')
            rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            self._packed = operators.linear_prepack(rounded, bias)
        # oneDNN's runtime keeps the rounded weight beside the packed one, only to unpack it again:
        # twice the memory. Trial layers are made this way too, so it is tested.
        rounded.untyped_storage().resize_(0)
        self._product = operators.linear_dynamic
        self._reduced = ENGINES[engine]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., outputs) of (..., inputs), in the type of the input."""
        result: torch.Tensor = self._product(x.float(), self._packed, self._reduced)
        return result.to(x.dtype)


def quantize_linears(model: nn.Module, engine: str) -> None:
    """Round the linear layers of a model on the CPU to 8 bits, one after the other."""
    count = replace_linears(model, lambda linear: Int8Linear(linear, engine))
    _logger.debug('%d linear layers in 8 bits by %s', count, engine)


def choose_engine(shape: LayerShape, clock: Clock = time.perf_counter) -> str:
    """
    Return the fastest of torch's runtimes of 8 bit layers that compute correctly.

    :param shape: layer to try them on.
    :raises MissingDependencyError: if this torch has none; the operators are old and may go.
    """
    plain = shape.trial_layer(torch.float32)
    engines: dict[str, Int8Linear] = {}
    faults = []
    for name in (one for one in ENGINES if one in torch.backends.quantized.supported_engines):
        try:
            layer = Int8Linear(plain, name)
            similarity = _similarity(plain, layer)
        # A missing operator is an AttributeError, one with other arguments or for other devices a
        # RuntimeError.
        except (AttributeError, RuntimeError) as error:
            faults.append(f'{name}: {str(error).splitlines()[0]}')
            continue
        if similarity >= _MIN_SIMILARITY:
            engines[name] = layer
        else:
            faults.append(f'{name}: wrong results (similarity {similarity:.3f})')
    if not engines:
        raise MissingDependencyError(
            f'torch {torch.__version__} cannot run quantization int8 on this CPU '
            f'({"; ".join(faults) or "no engine"}); use quantization none, 8bit or 4bit'
        )
    return _fastest_engine(engines, shape, clock)


def _fastest_engine(engines: dict[str, Int8Linear], shape: LayerShape, clock: Clock) -> str:
    if len(engines) == 1:
        return next(iter(engines))
    totals = dict.fromkeys(engines, 0.0)
    for tokens in TRIAL_TOKENS:
        x = torch.linspace(-1, 1, tokens * shape.inputs).view(tokens, -1)
        actions = {name: partial(layer.forward, x) for name, layer in engines.items()}
        with torch.inference_mode():
            times = fastest(actions, _BUDGET / len(TRIAL_TOKENS), clock)
        # Relative times: a long input must not outweigh the short ones.
        for name, seconds in times.items():
            totals[name] += seconds / max(min(times.values()), 1e-9)
    chosen = min(totals, key=totals.__getitem__)
    figures = ', '.join(
        f'{name} {total / len(TRIAL_TOKENS):.2f}' for name, total in totals.items()
    )
    _logger.info('int8 by %s (time relative to the fastest: %s)', chosen, figures)
    return chosen


def _similarity(plain: nn.Linear, layer: Int8Linear) -> float:
    x = torch.randn((8, plain.in_features), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return float(nn.functional.cosine_similarity(plain(x), layer(x), dim=-1).min())


@contextmanager
def _engine(name: str) -> Iterator[None]:
    """Select the runtime for which weights are packed; it holds for the whole process."""
    before = torch.backends.quantized.engine
    torch.backends.quantized.engine = name
    try:
        yield
    finally:
        torch.backends.quantized.engine = before
