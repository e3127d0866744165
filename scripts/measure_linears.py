# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Linear layers of the full-size decoder in each of the formats that torch brings for this CPU.

    python -m scripts.measure_linears

Each format has as many copies of a layer as fill 100 MB, so that weights come from memory or a
cache that all cores share. They take turns; what is compared is the time of one thread on a
processor, which other work on the machine changes least.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import median
import time

import torch
from torch import nn

from kosmos_ros.backends.linears.int4 import Int4Linear
from kosmos_ros.backends.linears.int8 import ENGINES, Int8Linear
from kosmos_ros.backends.linears.packed import PackedLinear
from kosmos_ros.backends.linears.precision import LayerShape

SHAPES = (LayerShape(2048, 2048), LayerShape(2048, 8192), LayerShape(2048, 65037))
TOKENS = (1, 2, 4, 16, 76)
_BYTES = 100e6
_TURNS = 5

Layer = Callable[[torch.Tensor], torch.Tensor]


class _WeightOnlyInt8:
    """The operator for weights of 8 bits, one scale for each output."""

    def __init__(self, plain: nn.Linear) -> None:
        weight = plain.weight.detach().float()
        scales = weight.abs().amax(dim=1) / 127
        self._weight = (weight / scales[:, None]).round().to(torch.int8)
        self._scales = scales.bfloat16()

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return (tokens, outputs) of (tokens, inputs)."""
        found: torch.Tensor = torch.ops.aten._weight_int8pack_mm(x, self._weight, self._scales)
        return found


def _formats(shape: LayerShape) -> dict[str, list[Layer]]:
    plain = shape.trial_layer(torch.bfloat16)
    plain.bias = None
    makers: dict[str, tuple[int, Callable[[nn.Linear], Layer]]] = {
        'bfloat16, prepacked': (16, PackedLinear),
        'int8, weights only': (8, _WeightOnlyInt8),
    }
    if shape.outputs % 64 == 0:
        makers['int4, weights only'] = (4, lambda layer: Int4Linear(layer).short)
    for engine in ENGINES:
        makers[f'int8 by {engine}'] = (8, partial(Int8Linear, engine=engine))
    size = shape.inputs * shape.outputs
    return {
        name: [make(plain) for _ in range(max(2, int(_BYTES * 8 / bits / size)))]
        for name, (bits, make) in makers.items()
    }


def _seconds(layers: list[Layer], x: torch.Tensor) -> float:
    begin = time.thread_time()
    for layer in layers:
        layer(x)
    return (time.thread_time() - begin) / len(layers)


def main() -> None:
    """Measure and print a table."""
    torch.set_num_threads(1)
    print('| layer | tokens | format | ms | of bfloat16 |')
    with torch.inference_mode():
        for shape in SHAPES:
            formats = _formats(shape)
            for tokens in TOKENS:
                x = torch.randn(tokens, shape.inputs).bfloat16()
                turns = [
                    {name: _seconds(layers, x) for name, layers in formats.items()}
                    for _ in range(_TURNS)
                ]
                for name in formats:
                    own = min(turn[name] for turn in turns)
                    ratio = median(turn[name] / turn['bfloat16, prepacked'] for turn in turns)
                    layer = f'{shape.inputs}x{shape.outputs}'
                    print(
                        f'| {layer} | {tokens} | {name} | {1e3 * own:.2f} | {ratio:.2f} |',
                        flush=True,
                    )


if __name__ == '__main__':
    main()
