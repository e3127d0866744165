# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Choose the linear layers of a loaded model that suit the machine."""

from __future__ import annotations

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.linears.int8 import choose_engine, quantize_linears
from kosmos_ros.backends.linears.packed import pack_linears
from kosmos_ros.backends.linears.precision import LayerShape


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
    :raises MissingDependencyError: if this torch cannot run int8.
    """
    name = str(dtype).removeprefix('torch.')
    if quantization in {'8bit', '4bit'}:
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
    if packs and pack_linears(model, shape):
        name += ', prepacked linears'
    threads = torch.get_num_threads()
    return f'{name}, {threads} thread{"s" if threads > 1 else ""}'
