# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Words of a model of random weights in full width: the recipe of the model card and this package.

    python -m scripts.measure_words --folder FOLDER
    python -m scripts.measure_words --folder FOLDER --layers 6

All variants are in one process (8.5 GB with all 24 layers) and take turns, so that whatever else
the machine does hits all of them; ratios are those of one turn, their median and range. Time of
the processor is told as well, since on a busy machine the other one is mostly waiting. Random
weights repeat nothing, so guesses at further tokens hit only where a question is asked again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
import os
from pathlib import Path
from statistics import median
import sys
import time

import numpy as np
from PIL import Image
import torch
from transformers import Kosmos2Config

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.frames import TransformersFrame
from kosmos_ros.backends.linears import int4
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint
from kosmos_ros.bench.measure.recipe import Recipe
from kosmos_ros.core.grounder import ignore, never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.prompts import ask_prompt, describe_prompt

CAPTION, ASK = 32, 8
_QUESTION = 'what is it?'
_SIDE = 480
_FEW_TOKENS = int4.FEW_TOKENS


@dataclass(frozen=True)
class _Time:
    """Seconds that something took, and of all threads on a processor."""

    wall: float
    processor: float


def _time(run: Callable[[], object]) -> _Time:
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return _Time(time.perf_counter() - wall, time.process_time() - processor)


class _Words:
    """A model whose short passes read weights of 4 bits, or those that it has for long ones."""

    def __init__(self, folder: Path) -> None:
        self.backend = TransformersBackend.load(
            ModelSettings(str(folder), dtype='bfloat16', quantization='int4')
        )

    def new(self, image: RgbImage) -> TransformersFrame:
        """Encode an image."""
        return self.backend.encode([image])[0]

    def write(self, frame: TransformersFrame, prompt: Prompt, count: int, bits: int) -> None:
        """Write so many tokens with weights of 4 or 16 bits."""
        int4.FEW_TOKENS = _FEW_TOKENS if bits == 4 else 0
        written = self.backend.generate(frame, prompt, count, never, ignore)
        if len(written.tokens) != count:
            raise RuntimeError(f'{count} tokens expected, got {len(written.tokens)}')


def _variants(folder: Path, image: RgbImage) -> dict[str, Callable[[], object]]:
    recipe, ours = Recipe(folder, 'bfloat16'), _Words(folder)
    picture = Image.fromarray(image)
    caption, ask = describe_prompt(detailed=False), ask_prompt(_QUESTION)
    known = ours.new(image)
    for prompt in (caption, ask):
        ours.write(known, prompt, 2, 16)
    again = replace(known)
    ours.write(again, caption, CAPTION, 16)

    def fresh() -> TransformersFrame:
        return replace(known, texts=[])

    return {
        'caption, recipe': lambda: recipe.ask(str(caption), picture, CAPTION, CAPTION),
        'caption, bfloat16': lambda: ours.write(ours.new(image), caption, CAPTION, 16),
        'caption, int4': lambda: ours.write(ours.new(image), caption, CAPTION, 4),
        'the same caption again, bfloat16': lambda: ours.write(again, caption, CAPTION, 16),
        'answer, recipe': lambda: recipe.ask(str(ask), picture, ASK, ASK),
        'answer, bfloat16': lambda: ours.write(ours.new(image), ask, ASK, 16),
        'answer about a known image, bfloat16': lambda: ours.write(fresh(), ask, ASK, 16),
        'answer about a known image, int4': lambda: ours.write(fresh(), ask, ASK, 4),
    }


def _checkpoint(folder: Path, layers: int) -> Path:
    config = Kosmos2Config(text_config={'layers': layers})
    config.vision_config.num_hidden_layers = layers
    return random_checkpoint(folder, '', print, config)


def _row(name: str, times: dict[str, list[_Time]]) -> str:
    """Compare a variant with the recipe that does the same."""
    recipe = times['answer, recipe' if name.startswith('answer') else 'caption, recipe']
    row = f'{name}: {median(one.wall for one in times[name]):.2f} s'
    for kind in ('wall', 'processor'):
        ratios = [
            getattr(slow, kind) / getattr(fast, kind)
            for slow, fast in zip(recipe, times[name], strict=True)
        ]
        row += f', {median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f}) by {kind}'
    return row


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description='Words: the recipe, and this package.')
    parser.add_argument('--folder', type=Path, required=True, help='of the checkpoint, 3.3 GB')
    parser.add_argument('--layers', type=int, default=24, help='of decoder and image encoder each')
    parser.add_argument('--turns', type=int, default=3)
    options = parser.parse_args()
    # A thread that spins while it waits would count as computing.
    if os.environ.get('OMP_WAIT_POLICY') != 'PASSIVE':
        environment = os.environ | {'OMP_WAIT_POLICY': 'PASSIVE'}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606
    folder = _checkpoint(options.folder, options.layers)
    image = np.random.default_rng(0).integers(0, 256, (_SIDE, _SIDE, 3), dtype=np.uint8)
    variants = _variants(folder, image)
    times: dict[str, list[_Time]] = {name: [] for name in variants}
    for turn in range(1, options.turns + 1):
        for name, run in variants.items():
            times[name].append(_time(run))
        threads, load = torch.get_num_threads(), os.getloadavg()[0]
        print(f'{turn} turns, {threads} threads, load {load:.1f}', flush=True)
        for name in variants:
            print(_row(name, times), flush=True)


if __name__ == '__main__':
    main()
