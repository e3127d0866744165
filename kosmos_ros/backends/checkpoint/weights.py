# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Read the weights of a checkpoint with the stock transformers class, offline, without pickle."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from transformers import BitsAndBytesConfig, Kosmos2ForConditionalGeneration

from kosmos_ros.backends.checkpoint.files import weight_files
from kosmos_ros.backends.checkpoint.small_files import load_errors
from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError


def weight_bytes(folder: Path) -> int:
    """Return the size of a checkpoint's weights in bytes."""
    return sum(path.stat().st_size for path in weight_files(folder))


def load_weights(
    folder: Path, quantization: str, device: torch.device, dtype: torch.dtype
) -> Kosmos2ForConditionalGeneration:
    """
    Load the weights of a checkpoint.

    :param quantization: ``none``, ``8bit`` or ``4bit``, the latter two by bitsandbytes.
    :raises ModelLoadError: if weights are missing, damaged, or do not fit the configuration or
        the device.
    :raises MissingDependencyError: if quantization is asked for without bitsandbytes.
    """
    with load_errors(folder):
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
    # bitsandbytes logs a line for each product of 8 bit layers in bfloat16, hundreds for a token,
    # and when imported it recommends a package that fetches code from the hub.
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
