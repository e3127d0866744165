# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How fast weights can be read from memory: the limit of any decoder on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import time

import torch
from transformers import AutoConfig, Kosmos2ForConditionalGeneration

_BYTES = {'none': None, 'int8': 1.0, '8bit': 1.0, 'int4': 0.625, '4bit': 0.5}
"""Bytes of one weight of a linear layer by quantization, with those scales that are more than a
hundredth part."""

_REPEATS = 3


@dataclass(frozen=True)
class DecoderSize:
    """
    Numbers of weights of the text decoder.

    :param linear: weights of its linear layers.
    :param other: biases and norms.
    :param width: numbers in a row of the output head, one row for each token.
    :param vocabulary: rows of the whole head.
    """

    linear: int
    other: int
    width: int
    vocabulary: int

    def pass_bytes(self, dtype: str, quantization: str, head_rows: int) -> int:
        """
        Return the bytes of weights that a pass of the decoder has to read.

        Keys and values of earlier tokens, some percent, are not counted.

        :param dtype: such as 'bfloat16'; the head is never quantized.
        :param head_rows: rows of the output head that the pass uses.
        """
        item = getattr(torch, dtype).itemsize
        weight = _BYTES[quantization] or item
        return int(self.linear * weight) + item * (self.other + head_rows * self.width)


def decoder_size(folder: Path) -> DecoderSize:
    """Count the weights of a checkpoint's decoder by its configuration."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    with torch.device('meta'):
        text = Kosmos2ForConditionalGeneration(config).text_model
    layers = text.model.layers
    linear = sum(
        module.weight.numel() for module in layers.modules() if isinstance(module, torch.nn.Linear)
    )
    every = sum(weight.numel() for weight in layers.parameters())
    vocabulary, width = text.model.embed_tokens.weight.shape
    return DecoderSize(linear, every - linear, width, vocabulary)


def parameter_count(folder: Path) -> int:
    """Return the number of a checkpoint's parameters, by its configuration."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    with torch.device('meta'):
        model = Kosmos2ForConditionalGeneration(config)
    return sum(weight.numel() for weight in model.parameters())


def read_bandwidth(nbytes: int) -> list[float]:
    """
    Return bytes per second of large reads by all of PyTorch's threads.

    Several kinds of reads, since none is the fastest everywhere; the highest figure counts.

    :param nbytes: to read; far more than the caches hold.
    """
    memory = torch.ones(nbytes // 4)
    half = memory[: len(memory) // 2], memory[len(memory) // 2 :]
    rows, ones = memory.view(-1, 8192), torch.ones(8192)
    reads = (memory.sum, lambda: torch.dot(*half), lambda: rows @ ones)
    found = []
    for _ in range(_REPEATS):
        for read in reads:
            start = time.perf_counter()
            read()
            found.append(memory.nbytes / (time.perf_counter() - start))
    return found
