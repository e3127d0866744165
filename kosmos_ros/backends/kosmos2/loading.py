# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Load a KOSMOS-2 checkpoint with the stock transformers classes, offline and without pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
import logging
from pathlib import Path
from typing import Any

import torch
from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint.calibration_place import calibration_of
from kosmos_ros.backends.checkpoint.devices import choose_device
from kosmos_ros.backends.checkpoint.files import check_checkpoint, find_checkpoint
from kosmos_ros.backends.checkpoint.sizes import check_sizes
from kosmos_ros.backends.checkpoint.small_files import load_errors
from kosmos_ros.backends.checkpoint.weights import load_weights, weight_bytes
from kosmos_ros.backends.kosmos2.pixels import check_squashes, fast_pixels
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.linears.precision import choose_dtype, LayerShape, SMALL_BYTES
from kosmos_ros.backends.linears.tuning import most_guesses, tune_linears
from kosmos_ros.backends.settings import ModelSettings, ON_CPU
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.calibration import Calibration

_logger = logging.getLogger(__name__)

_AUTHORS_NO_REPEAT = 3
"""The authors of KOSMOS-2 decode with no_repeat_ngram_size 3."""


@dataclass(frozen=True)
class LoadedModel:
    """
    A checkpoint in memory, checked and ready to run.

    ``image_processor`` is for ``pixel_values``; ``precision`` names its number format for people;
    ``most_guesses`` is how many tokens a pass may check beside the one that it is for;
    ``calibration`` is that of its probabilities, ``signals`` the level of those to measure, if
    any.
    """

    name: str
    model: Kosmos2ForConditionalGeneration
    image_processor: Any
    vocabulary: Kosmos2Vocabulary
    device: torch.device
    dtype: torch.dtype
    no_repeat_ngram_size: int
    precision: str
    most_guesses: int
    calibration: Calibration = field(default_factory=Calibration)
    signals: str = ''


def load_model(settings: ModelSettings) -> LoadedModel:
    """
    Load a model.

    :raises ModelLoadError: if the checkpoint or the device cannot be used.
    :raises MissingDependencyError: if quantization lacks its package.
    """
    folder = find_checkpoint(settings.model)
    check_checkpoint(folder)
    with load_errors(folder):
        return _load(folder, settings)


def _load(folder: Path, settings: ModelSettings) -> LoadedModel:
    config = check_sizes(folder).text_config
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = choose_device('cpu' if settings.quantization in ON_CPU else settings.device)
    processor = _load_processor(folder)
    shape = LayerShape(config.embed_dim, config.ffn_dim)
    model, dtype, precision = _load_tuned(folder, settings, device, shape)
    vocabulary = Kosmos2Vocabulary(processor, model.config.latent_query_num)
    vocabulary_size = model.text_model.config.vocab_size
    if len(vocabulary) > vocabulary_size:
        raise ModelLoadError(
            f'{folder}: the tokenizer has {len(vocabulary)} tokens, the model {vocabulary_size}'
        )
    image_processor, size = processor.image_processor, _image_size(model)
    check_squashes(image_processor, size)
    calibration = calibration_of(folder)
    _logger.info('loaded %s on %s: %s', folder, device, precision)
    return LoadedModel(
        name=settings.model,
        model=model,
        image_processor=fast_pixels(image_processor, size) or image_processor,
        vocabulary=vocabulary,
        device=device,
        dtype=dtype,
        no_repeat_ngram_size=_no_repeat_ngram_size(settings, model),
        precision=precision,
        most_guesses=most_guesses(settings.quantization),
        calibration=calibration,
        signals=calibration.level(settings.existence_signals),
    )


def _load_tuned(
    folder: Path, settings: ModelSettings, device: torch.device, shape: LayerShape
) -> tuple[Kosmos2ForConditionalGeneration, torch.dtype, str]:
    """Return the model, the number format it computes in, and both in words."""
    size = weight_bytes(folder)
    dtype = choose_dtype(settings.dtype, device, size, shape)
    quantization = settings.quantization
    # Rounded to 8 bits from bfloat16, so that a large model is never in memory in float32.
    halved = quantization == 'int8' and size >= SMALL_BYTES
    bits = 'none' if quantization in ON_CPU else quantization
    model = load_weights(folder, bits, device, torch.bfloat16 if halved else dtype)
    return model, dtype, tune_linears(model, quantization, device, dtype, shape)


def _image_size(model: Kosmos2ForConditionalGeneration) -> int:
    size = model.vision_model.config.image_size
    if not isinstance(size, int):
        raise ModelLoadError(f'the vision config needs one image_size, got {size}')
    return size


def _load_processor(folder: Path) -> Kosmos2Processor:
    with load_errors(f'tokenizer or image processor in {folder}'):
        # The default image backend depends on whether torchvision is installed; PIL is always.
        return Kosmos2Processor.from_pretrained(
            folder, backend='pil', local_files_only=True, trust_remote_code=False
        )


def _no_repeat_ngram_size(settings: ModelSettings, model: Kosmos2ForConditionalGeneration) -> int:
    chosen = (
        settings.no_repeat_ngram_size,
        model.generation_config.no_repeat_ngram_size,
        _AUTHORS_NO_REPEAT,
    )
    size = next(size for size in chosen if size is not None)
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ModelLoadError(f'generation_config.json: no_repeat_ngram_size must not be {size!r}')
    return size
