# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Writes model folders."""

from __future__ import annotations

from pathlib import Path
import tempfile

import torch
from transformers import GenerationConfig, Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from kosmos_ros.backends.checkpoint.files import write_checksums
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE
from kosmos_ros.backends.checkpoint.weights import load_weights

CPU = torch.device('cpu')


def write_model(
    exact: Kosmos2ForConditionalGeneration,
    processor: Kosmos2Processor,
    generation: GenerationConfig | None,
    folder: Path,
    dtype: str = 'float16',
) -> None:
    """
    Write a model folder; other files in it stay, except a calibration and a test question.

    The model is written and read once on the way, because a plain ``half()`` would leave float32
    in the parts of the config.

    :param exact: in float32.
    :param dtype: float16, bfloat16 or float32.
    """
    # Beside the result: a full-size model may not fit into /tmp.
    folder.mkdir(parents=True, exist_ok=True)
    if dtype == 'float32':
        exact.save_pretrained(folder)
    else:
        with tempfile.TemporaryDirectory(dir=folder) as between:
            exact.save_pretrained(between)
            rounded = load_weights(Path(between), 'none', CPU, getattr(torch, dtype))
            rounded.save_pretrained(folder)
    if generation is not None:
        generation.save_pretrained(folder)
    processor.save_pretrained(folder)
    finish(folder)


def finish(folder: Path) -> None:
    """
    Complete a folder with new weights: checksums, and files readable by all.

    Calibration and test question are removed: they are another model's.
    """
    for name in (CALIBRATION_FILE, SELF_CHECK_FILE):
        (folder / name).unlink(missing_ok=True)
    write_checksums(folder)
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o644)
