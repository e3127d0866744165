# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Makes a model folder from a checkpoint: ``python -m training.export --run OUT --to FOLDER``.

The folder is what ``save_pretrained`` writes (config, generation config, float16 safetensors,
tokenizer and processor) and loads with the stock classes of transformers. Checksums beside them
reveal damaged files when the model is loaded. ``measured/`` in it receives the learning curve and
how the model was trained, for its card.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
from pathlib import Path

import numpy as np
import torch
from transformers import (
    AutoModelForImageTextToText,
    GenerationConfig,
    Kosmos2ForConditionalGeneration,
)

from training.model_folder import write_model
from training.pretraining.state import CHECKPOINT, read_checkpoint, Trained
from training.tokenizer import BOS, build_processor, EOS, PAD

MEASURED, TRAINING_FILE, CURVE_FILE = 'measured', 'training.json', 'curve.jsonl'
"""Folder below the model's, and what a training leaves there."""

MAX_NEW_TOKENS = 160
"""A detailed caption of eight objects has about a hundred."""


def restored_model(run: Path) -> Kosmos2ForConditionalGeneration:
    """
    Return the float32 model of a training's checkpoint.

    :raises ValueError: if it was trained with another vocabulary or other layers than this code's.
    """
    content = read_checkpoint(run)
    settings = content['settings']
    modules = Trained(settings['width'], settings['vision_layers'])
    values = content['values']
    sizes = [parameter.numel() for parameter in modules.parameters()]
    if len(values) != sum(sizes):
        raise ValueError(
            f'the checkpoint in {run} has {len(values)} numbers, the model of this code needs '
            f'{sum(sizes)}: export it with the code that trained it'
        )
    with torch.no_grad():
        for parameter, part in zip(modules.parameters(), values.split(sizes), strict=True):
            parameter.copy_(part.view(parameter.shape))
    model = modules.model
    model.tie_weights()
    return model


def generation_config() -> GenerationConfig:
    """Return greedy decoding; words may repeat, as in ``a red cube and a red ball``."""
    return GenerationConfig(
        bos_token_id=BOS,
        pad_token_id=PAD,
        eos_token_id=EOS,
        max_new_tokens=MAX_NEW_TOKENS,
        do_sample=False,
        no_repeat_ngram_size=0,
    )


def export(model: Kosmos2ForConditionalGeneration, folder: Path) -> None:
    """
    Write the model folder; other files in it, such as a model card, stay.

    Only a calibration is removed: it was measured on another model. ``kosmos-ros calibrate
    --write`` measures this one's.
    """
    write_model(model, build_processor(), generation_config(), folder)


_COUNTED = ('minutes', 'step', 'images')


def mix(model: Kosmos2ForConditionalGeneration, start: Path, share: float) -> None:
    """
    Take the mean of a model's weights and those it began with.

    On what the first model had learned, the mean is better than either as a rule (Wortsman et al.
    2022, Robust fine-tuning of zero-shot models).

    :param start: folder of the model that it began with.
    :param share: of that one (0..1).
    """
    before = AutoModelForImageTextToText.from_pretrained(start, dtype=torch.float32).state_dict()
    with torch.no_grad():
        for name, weights in model.state_dict().items():
            if weights.is_floating_point():
                weights.lerp_(before[name].to(weights.dtype), share)


def export_history(run: Path, folder: Path, start_share: float = 0.0) -> None:
    """
    Write the history of a training: its settings without paths, its progress and its curve.

    That of the model whose weights it began with, if it is known, goes before.

    :param start_share: of those weights in what is exported.
    """
    content = read_checkpoint(run)
    pool = Path(content['settings']['pool'])
    history = {
        # Paths, the only texts, are meaningless on other machines.
        'settings': {
            name: value
            for name, value in content['settings'].items()
            if not isinstance(value, str)
        },
        'counters': content['counters'],
        'pool_images': sum(
            len(np.load(images, mmap_mode='r')) for images in pool.glob('images_*.npy')
        ),
    }
    curve = (run / CURVE_FILE).read_text(encoding='utf-8')
    start = Path(content['settings'].get('start_from') or '.') / MEASURED
    if content['settings'].get('start_from') and (start / TRAINING_FILE).is_file():
        history['start_share'] = start_share
        history['before'] = json.loads((start / TRAINING_FILE).read_text(encoding='utf-8'))
        curve = _continued((start / CURVE_FILE).read_text(encoding='utf-8'), curve)
    measured = folder / MEASURED
    measured.mkdir(parents=True, exist_ok=True)
    text = json.dumps(history, indent=1) + '\n'
    (measured / TRAINING_FILE).write_text(text, encoding='utf-8')
    (measured / CURVE_FILE).write_text(curve, encoding='utf-8')


def _continued(before: str, curve: str) -> str:
    """Return two curves as one, which counts on where the first ends."""
    last = json.loads(before.splitlines()[-1])
    lines = [
        json.dumps(
            point | {name: point[name] + last[name] for name in ('minutes', 'step', 'images')}
        )
        for point in map(json.loads, curve.splitlines())
    ]
    return before + '\n'.join(lines) + '\n'


def _share(text: str) -> float:
    share = float(text)
    if not 0.0 <= share < 1.0:
        raise argparse.ArgumentTypeError(f'expected a share from 0 up and below 1, got {text}')
    return share


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(
        prog='python -m training.export', description='Make a model folder.'
    )
    parser.add_argument('--run', type=Path, required=True, help='folder of a training')
    parser.add_argument('--to', type=Path, required=True, help='model folder to write')
    parser.add_argument(
        '--start-share',
        type=_share,
        default=0.0,
        help='share of the weights that it began with, in a mean with those it ended with',
    )
    arguments = parser.parse_args(argv)
    for name in (CHECKPOINT, CURVE_FILE):
        if not (arguments.run / name).is_file():
            parser.error(
                f'{arguments.run} holds no {name}: expected the --out folder of a training'
            )
    model = restored_model(arguments.run)
    start = read_checkpoint(arguments.run)['settings'].get('start_from')
    if arguments.start_share and not start:
        parser.error(f'{arguments.run} began with no weights of another model')
    if arguments.start_share:
        mix(model, Path(start), arguments.start_share)
    # Before the weights, which may take the place of those that it began with.
    export_history(arguments.run, arguments.to, arguments.start_share)
    export(model, arguments.to)


if __name__ == '__main__':
    main()
