# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Choose the number format that a model computes in, by trying what suits this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import logging
import math
import time

import torch

from kosmos_ros.backends.linears.timing import Clock, fastest

_logger = logging.getLogger(__name__)

SMALL_BYTES = 1 << 28
"""Models whose files are smaller stay in float32 on a CPU, without a probe: calling the layers
takes longer there than computing them, and answers do not depend on what a probe measured."""

CLEARLY_FASTER = 1.25
"""bfloat16 costs accuracy, so it must be this many times faster to be taken."""

TOKENS = (1, 76)
"""Tokens of a decoding step and of a first question about an image."""

TRIAL_TOKENS = (1, 10, 76)
"""Tokens of a decoding step, of a further question and of a first question about an image."""

_BUDGET = 0.06
"""Seconds of the whole probe, without preparing it."""

_TRIES = 3
"""Other work on the machine may hit one format harder than the other. It is unlikely to do so
again and again, and bfloat16 missed costs far more than a probe."""

_DTYPES = {'float32': torch.float32, 'bfloat16': torch.bfloat16, 'float16': torch.float16}


@dataclass(frozen=True)
class LayerShape:
    """Input and output features of the decoder's widest linear layers."""

    inputs: int
    outputs: int

    def trial_layer(self, dtype: torch.dtype) -> torch.nn.Linear:
        """Return a layer on the CPU to try things on."""
        layer = torch.nn.Linear(self.inputs, self.outputs, dtype=dtype, device='meta')
        layer.to_empty(device='cpu')
        # Random rows, repeated: an all random matrix would take longer than the trial.
        generator = torch.Generator().manual_seed(0)
        some = torch.randn((16, self.inputs), generator=generator, dtype=dtype)
        rows = torch.arange(self.outputs) % len(some)
        with torch.no_grad():
            layer.weight.copy_(some[rows])
            layer.bias.copy_(some[rows, 0])
        return layer


def choose_dtype(
    name: str,
    device: torch.device,
    weight_bytes: int,
    shape: LayerShape,
    clock: Clock = time.perf_counter,
) -> torch.dtype:
    """
    Return the number format to compute in.

    ``auto`` is bfloat16 or, on GPUs that lack it, float16; on a CPU float32, or bfloat16 for a
    large model if a probe finds it clearly faster. float16 is never picked for a CPU, where it
    is emulated.

    :param weight_bytes: size of the weight files.
    :param shape: layer to try.
    """
    if name != 'auto':
        if name == 'float16' and device.type == 'cpu':
            _logger.warning('float16 is about a hundred times slower than float32 on a CPU')
        return _DTYPES[name]
    if device.type == 'cuda':
        # Emulated, it is slower than float16.
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float16
    if weight_bytes < SMALL_BYTES:
        return torch.float32
    gain = bfloat16_gain(shape, clock)
    return torch.bfloat16 if gain >= CLEARLY_FASTER else torch.float32


def bfloat16_gain(shape: LayerShape, clock: Clock = time.perf_counter) -> float:
    """
    Return how many times faster a linear layer is in bfloat16 than in float32 on this CPU.

    It is the geometric mean over ``TOKENS``, so that neither memory, which bounds decoding
    steps, nor arithmetic, which bounds longer inputs, decides alone.
    """
    # Any numbers will do except denormals, which are slow.
    single = torch.full((shape.outputs, shape.inputs), 0.01)
    weights = {'float32': single, 'bfloat16': single.to(torch.bfloat16)}
    best = {tokens: dict.fromkeys(weights, math.inf) for tokens in TOKENS}
    for _ in range(_TRIES):
        for tokens, times in best.items():
            actions = {name: _layer(weight, tokens) for name, weight in weights.items()}
            with torch.inference_mode():
                now = fastest(actions, _BUDGET / len(TOKENS), clock)
            times |= {name: min(times[name], now[name]) for name in times}
        gains = [times['float32'] / max(times['bfloat16'], 1e-9) for times in best.values()]
        mean = math.prod(gains) ** (1 / len(gains))
        if mean >= CLEARLY_FASTER:
            break
    _logger.info(
        'a layer of %dx%d is %.1f times faster in bfloat16 than in float32 with %d token, '
        '%.1f times with %d: the model computes in %s',
        *(shape.inputs, shape.outputs, gains[0], TOKENS[0], gains[1], TOKENS[1]),
        'bfloat16' if mean >= CLEARLY_FASTER else 'float32',
    )
    return mean


def _layer(weight: torch.Tensor, tokens: int) -> Callable[[], object]:
    x = torch.ones((tokens, weight.shape[1]), dtype=weight.dtype)
    return lambda: torch.nn.functional.linear(x, weight)
