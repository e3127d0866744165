# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Load a KOSMOS-2 checkpoint with the stock transformers classes, offline and without pickle."""

from __future__ import annotations

from dataclasses import dataclass
import logging
from pathlib import Path
from typing import Any

import torch
from transformers import BitsAndBytesConfig, Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint import check_checkpoint, find_checkpoint, weight_files
from kosmos_ros.backends.image_input import check_squashes
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError

_logger = logging.getLogger(__name__)

_AUTHORS_NO_REPEAT = 3
"""The authors of KOSMOS-2 decode with no_repeat_ngram_size 3."""

_LARGE_BYTES = 1 << 30
"""Above this many bytes of weights float32 on a CPU is a matter of minutes."""


@dataclass(frozen=True)
class LoadedModel:
    """A checkpoint in memory, checked and ready to run."""

    name: str
    model: Kosmos2ForConditionalGeneration
    image_processor: Any
    vocabulary: Kosmos2Vocabulary
    device: torch.device
    dtype: torch.dtype
    no_repeat_ngram_size: int


def load_model(settings: ModelSettings) -> LoadedModel:
    """
    Load a model.

    :raises ModelLoadError: if the checkpoint is missing, damaged, of another kind, does not fit
        its processor, or the device is not there.
    :raises MissingDependencyError: if quantization is asked for without bitsandbytes.
    """
    folder = find_checkpoint(settings.model)
    check_checkpoint(folder)
    device = choose_device(settings.device)
    dtype = choose_dtype(settings.dtype, device, _weight_bytes(folder))
    processor = _load_processor(folder)
    model = _load_weights(folder, settings.quantization, device, dtype)
    latents = model.config.latent_query_num
    vocabulary = Kosmos2Vocabulary(processor, latents)
    vocabulary_size = model.text_model.config.vocab_size
    if len(vocabulary) > vocabulary_size:
        raise ModelLoadError(
            f'{folder}: the tokenizer has {len(vocabulary)} tokens, the model {vocabulary_size}'
        )
    check_squashes(processor.image_processor, _image_size(model))
    _logger.info('loaded %s on %s as %s', folder, device, dtype)
    return LoadedModel(
        name=settings.model,
        model=model,
        image_processor=processor.image_processor,
        vocabulary=vocabulary,
        device=device,
        dtype=dtype,
        no_repeat_ngram_size=_no_repeat_ngram_size(settings, model),
    )


def choose_device(name: str) -> torch.device:
    """
    Return the device of a name such as ``auto`` or ``cuda:1``.

    :raises ModelLoadError: if it is not on this machine.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == 'auto':
        return torch.device('cuda:0' if count else 'cpu')
    device = torch.device(name)
    if device.type != 'cuda':
        return device
    index = device.index or 0
    if index >= count:
        raise ModelLoadError(
            f'device {name!r} was asked for, but torch {torch.__version__} sees {count} CUDA '
            'devices here; use device auto or cpu'
        )
    return torch.device('cuda', index)


def choose_dtype(name: str, device: torch.device, weight_bytes: int) -> torch.dtype:
    """
    Return the number format to compute in.

    ``auto`` is bfloat16 or float16 on CUDA; on a CPU float32, or bfloat16 for a large model if
    the CPU computes in it. float16 is never picked for a CPU: it is emulated there.

    :param weight_bytes: size of the weight files.
    """
    if name != 'auto':
        if name == 'float16' and device.type == 'cpu':
            _logger.warning('float16 is about a hundred times slower than float32 on a CPU')
        return {
            'float32': torch.float32,
            'bfloat16': torch.bfloat16,
            'float16': torch.float16,
        }[name]
    if device.type == 'cuda':
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    fast_bfloat16 = torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if weight_bytes > _LARGE_BYTES and fast_bfloat16 else torch.float32


def _image_size(model: Kosmos2ForConditionalGeneration) -> int:
    size = model.vision_model.config.image_size
    if not isinstance(size, int):
        raise ModelLoadError(f'the vision config needs one image_size, got {size}')
    return size


def _weight_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in weight_files(folder))


def _load_processor(folder: Path) -> Kosmos2Processor:
    try:
        # The default image backend depends on whether torchvision is installed; PIL is always.
        return Kosmos2Processor.from_pretrained(
            folder, backend='pil', local_files_only=True, trust_remote_code=False
        )
    # The tokenizers library raises bare Exception for a damaged tokenizer.json.
    except Exception as error:
        raise ModelLoadError(
            f'tokenizer or image processor in {folder} cannot be loaded: {error}'
        ) from error


def _load_weights(
    folder: Path, quantization: str, device: torch.device, dtype: torch.dtype
) -> Kosmos2ForConditionalGeneration:
    try:
        loaded: Any = Kosmos2ForConditionalGeneration.from_pretrained(
            folder,
            dtype=dtype,
            device_map={'': device},
            quantization_config=_quantization_config(quantization, dtype),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            # Reported below, with the names that the library's own error lacks.
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except torch.OutOfMemoryError as error:
        raise ModelLoadError(
            f'{folder} does not fit into the memory of {device}; try quantization 8bit or 4bit'
        ) from error
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelLoadError(f'{folder} cannot be loaded: {error}') from error
    _check_loading_info(folder, loaded[1])
    model: Kosmos2ForConditionalGeneration = loaded[0].eval()
    return model


def _check_loading_info(folder: Path, info: dict[str, Any]) -> None:
    """Refuse weights that do not fit: transformers would fill them in at random."""
    wrong = sorted([*info['missing_keys'], *(name for name, *_ in info['mismatched_keys'])])
    if wrong:
        files = ', '.join(str(path) for path in weight_files(folder))
        raise ModelLoadError(
            f'{files}: {len(wrong)} weights are missing or have the wrong shape, first {wrong[0]}'
        )


def _quantization_config(quantization: str, dtype: torch.dtype) -> BitsAndBytesConfig | None:
    if quantization == 'none':
        return None
    # It logs a line for each product of 8 bit layers in bfloat16, hundreds for a token, and when
    # imported it recommends a package that fetches code from the hub.
    logging.getLogger('bitsandbytes').setLevel(logging.ERROR)
    try:
        import bitsandbytes  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingDependencyError(
            f'quantization {quantization} needs the package bitsandbytes: pip install bitsandbytes'
        ) from error
    options: dict[str, Any] = {'load_in_8bit': True}
    if quantization == '4bit':
        options = {
            'load_in_4bit': True,
            'bnb_4bit_quant_type': 'nf4',
            'bnb_4bit_compute_dtype': dtype,
        }
    make_config: Any = BitsAndBytesConfig
    config: BitsAndBytesConfig = make_config(**options)
    return config


def _no_repeat_ngram_size(settings: ModelSettings, model: Kosmos2ForConditionalGeneration) -> int:
    chosen = (
        settings.no_repeat_ngram_size,
        model.generation_config.no_repeat_ngram_size,
        _AUTHORS_NO_REPEAT,
    )
    return next(size for size in chosen if size is not None)
