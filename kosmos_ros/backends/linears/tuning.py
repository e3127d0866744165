# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Choose the linear layers of a loaded model that suit the machine."""

from __future__ import annotations

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.linears.int4 import add_int4, FEW_TOKENS, require_int4
from kosmos_ros.backends.linears.int8 import choose_engine, quantize_linears
from kosmos_ros.backends.linears.packed import pack_linears
from kosmos_ros.backends.linears.precision import LayerShape
from kosmos_ros.backends.settings import BY_BITSANDBYTES

_MOST_GUESSES = {'none': 15, 'int4': FEW_TOKENS - 1}


def most_guesses(quantization: str) -> int:
    """
    Return how many tokens a pass may take beside the one that it is for.

    With one it makes 16, which oneDNN computes in hardly more time; in 4 bits as many as the
    operator is fast for, and rounds alike. None where tokens of a pass are rounded on a common
    scale (int8), or a second token costs as much as the first (bitsandbytes).
    """
    return _MOST_GUESSES.get(quantization, 0)


def tune_linears(
    model: Kosmos2ForConditionalGeneration,
    quantization: str,
    device: torch.device,
    dtype: torch.dtype,
    shape: LayerShape,
) -> str:
    """
    Replace linear layers of a model by faster ones, and bring the rest to its number format.

    The embedding table and the output head keep their weights.

    :param quantization: as in ``ModelSettings``; the layers of bitsandbytes are in place already.
    :param shape: the decoder's widest layers, to try others on.
    :returns: the number format, for people.
    :raises MissingDependencyError: if this torch cannot run int8 or int4.
    """
    name = str(dtype).removeprefix('torch.')
    if quantization in BY_BITSANDBYTES:
        return f'{quantization} by bitsandbytes, {name}'
    if device.type != 'cpu':
        return name
    packs = dtype == torch.bfloat16
    if quantization == 'int8':
        engine = choose_engine(shape)
        # Images are long inputs, where 8 bits gain nothing over packed bfloat16.
        quantize_linears(model.text_model if packs else model, engine)
        model.to(dtype)
        name = f'int8 linears by {engine}, {name}'
    if quantization == 'int4':
        require_int4(shape, dtype)
        add_int4(model.text_model)
        name = f'int4 linears for few tokens, {name}'
    if packs and pack_linears(model, shape):
        name += ', prepacked linears'
    threads = torch.get_num_threads()
    return f'{name}, {threads} thread{"s" if threads > 1 else ""}'
