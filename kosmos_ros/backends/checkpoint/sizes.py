# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Compare the sizes in ``config.json`` with each other and with the weights, before a model is made.

A model is made of the configuration alone, whose numbers may be anything: a billion layers would
take all memory before anybody noticed that the weights have four.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
import re
from typing import Any

from transformers import Kosmos2Config

from kosmos_ros.backends.checkpoint.files import weight_shapes
from kosmos_ros.backends.checkpoint.small_files import check_numbers, load_errors, read_json
from kosmos_ros.core.errors import ModelLoadError

_MOST = 1 << 18
"""Largest whole number in a configuration; KOSMOS-2 has 65,037 tokens."""

_PARTS = {
    'text_config': ('vocab_size embed_dim layers ffn_dim attention_heads max_position_embeddings'),
    'vision_config': (
        'hidden_size num_hidden_layers num_attention_heads intermediate_size image_size '
        'patch_size num_channels'
    ),
}


def check_sizes(folder: Path) -> Kosmos2Config:
    """
    Return the configuration of a checkpoint whose weights have its sizes.

    :raises ModelLoadError: naming the file and the field, if sizes are missing, of another type,
        or do not fit each other or the weights.
    """
    path = folder / 'config.json'
    content = read_json(path)
    check_numbers(path, content, _MOST)
    for part in _PARTS:
        # The library takes the sizes of the full KOSMOS-2 for parts that are missing.
        if not isinstance(content.get(part), dict):
            raise ModelLoadError(f'{path}: {part} must be an object, got {content.get(part)!r}')
    with load_errors(path):
        config = Kosmos2Config.from_pretrained(folder, local_files_only=True)
        _check_fit(path, config)
    shapes = weight_shapes(folder)
    for name, expected in _expected(config).items():
        found = {shape for key, shape in shapes.items() if re.fullmatch(rf'(.*\.)?{name}', key)}
        if found != {expected}:
            raise ModelLoadError(
                f'{path}: {name} must have the shape {expected}, in the weights it has '
                f'{sorted(found) or "none"}'
            )
    for part, layers in _layers(config).items():
        numbers = {match[1] for key in shapes if (match := re.search(part, key))}
        if numbers != {str(number) for number in range(layers)}:
            raise ModelLoadError(f'{path}: {layers} layers, but the weights have {len(numbers)}')
    return config


def _check_fit(path: Path, config: Kosmos2Config) -> None:
    sizes: dict[str, Any] = {'latent_query_num': config.latent_query_num}
    for part, names in _PARTS.items():
        sizes |= {f'{part}.{name}': getattr(getattr(config, part), name) for name in names.split()}
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ModelLoadError(f'{path}: {name} must be a whole number above 0, got {value!r}')
    text, vision = config.text_config, config.vision_config
    for width, heads in (
        (text.embed_dim, text.attention_heads),
        (vision.hidden_size, vision.num_attention_heads),
    ):
        if width % heads:
            raise ModelLoadError(f'{path}: a width of {width} is no multiple of {heads} heads')
    if text.max_position_embeddings <= config.latent_query_num + 2:
        raise ModelLoadError(
            f'{path}: an image takes {config.latent_query_num + 2} positions, the model has '
            f'{text.max_position_embeddings}'
        )


def _expected(config: Kosmos2Config) -> Mapping[str, tuple[int, ...]]:
    text, vision = config.text_config, config.vision_config
    positions = (vision.image_size // vision.patch_size) ** 2 + 1
    patch = (vision.hidden_size, vision.num_channels, vision.patch_size, vision.patch_size)
    return {
        r'embed_tokens\.weight': (text.vocab_size, text.embed_dim),
        r'text_model\..*\.fc1\.weight': (text.ffn_dim, text.embed_dim),
        r'latent_query': (config.latent_query_num, text.embed_dim),
        r'patch_embedding\.weight': patch,
        r'position_embedding\.weight': (positions, vision.hidden_size),
        r'vision_model\..*\.fc1\.weight': (vision.intermediate_size, vision.hidden_size),
    }


def _layers(config: Kosmos2Config) -> Mapping[str, int]:
    return {
        r'text_model\..*layers\.(\d+)\.': config.text_config.layers,
        r'vision_model\..*layers\.(\d+)\.': config.vision_config.num_hidden_layers,
    }
