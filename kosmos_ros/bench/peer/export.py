# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A checkpoint as models of OpenVINO: image, embedding of tokens, and decoder.

Keys and values are states of the decoder, so that they stay where they are between two tokens.
Weights of linear layers and embeddings keep the number format in which they are loaded, and are
used as they lie: a full-size model in bfloat16 takes little more memory than its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openvino
from openvino.frontend.pytorch.patch_model import __make_16bit_traceable as keep_16_bits
from openvino.passes import MakeStateful, Manager
import torch
from transformers import Kosmos2ForConditionalGeneration

IMAGE, EMBEDDING, DECODER = PARTS = ('image', 'embedding', 'decoder')
BFLOAT16, INT8, FLOAT32 = 'bfloat16', 'int8', 'float32'

_BEFORE = 3
"""Earlier tokens of the example by which the decoder is traced; any number will do afterwards."""


def part_file(folder: Path, part: str) -> Path:
    """Return the file that describes a part; its weights lie beside it."""
    return folder / f'{part}.xml'


def export(checkpoint: Path, folder: Path, weights: str) -> Path:
    """
    Write a checkpoint's models and return their folder, below ``folder``.

    :param weights: 'float32', 'bfloat16', or 'int8', which compresses what is there in bfloat16.
    """
    target = folder / weights
    if weights == INT8:
        _compress(folder / BFLOAT16, target)
    else:
        _convert(checkpoint, target, getattr(torch, weights))
    return target


def _convert(checkpoint: Path, target: Path, dtype: torch.dtype) -> None:
    model: Any = Kosmos2ForConditionalGeneration.from_pretrained(
        checkpoint, dtype=dtype, local_files_only=True
    )
    model.eval()
    if dtype is not torch.float32:
        keep_16_bits(model)
    vision, text = model.config.vision_config, model.config.text_config
    pixels = torch.zeros(1, vision.num_channels, vision.image_size, vision.image_size)
    _save(openvino.convert_model(_Image(model), example_input=pixels), target, IMAGE)
    tokens = torch.zeros(1, 2, dtype=torch.int64)
    table = model.text_model.model.embed_tokens
    _save(openvino.convert_model(table, example_input=tokens), target, EMBEDDING)
    _save(_decoder(model.text_model, text), target, DECODER)


def _decoder(text_model: Any, config: Any) -> Any:
    """Return the decoder with its keys and values as states, for one text at a time."""
    heads = config.attention_heads
    past = torch.zeros(1, heads, _BEFORE, config.embed_dim // heads)
    example = (
        torch.zeros(1, 2, config.embed_dim),
        torch.zeros(1, 2, dtype=torch.int64),
        torch.zeros(1, dtype=torch.int32),
        [past] * (2 * config.layers),
    )
    model = openvino.convert_model(_Decoder(text_model), example_input=example)
    embeds, positions, order, *earlier = model.inputs
    _, *present = model.outputs
    states = {f'past.{index}': f'present.{index}' for index in range(len(earlier))}
    for ends, names in ((earlier, states.keys()), (present, states.values())):
        for end, name in zip(ends, names, strict=True):
            end.get_tensor().set_names({name})
    shapes = {embeds: [1, -1, config.embed_dim], positions: [1, -1], order: [1]}
    model.reshape(shapes | {end: [1, heads, -1, past.shape[-1]] for end in earlier})
    manager = Manager()
    manager.register_pass(MakeStateful(states))
    manager.run_passes(model)
    nothing = openvino.op.Constant(past[:, :, :0].numpy())
    for operation in model.get_ops():
        if operation.get_type_name() == 'ReadValue':
            operation.set_arguments([nothing.output(0)])
    model.validate_nodes_and_infer_types()
    return model


def _compress(source: Path, target: Path) -> None:
    """Round weights to 8 bits, as nncf does by default: a scale and a zero point for each row."""
    import nncf  # noqa: PLC0415 (large, and of no use to who only answers)

    core = openvino.Core()
    for part in PARTS:
        model = core.read_model(part_file(source, part))
        _save(nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_ASYM), target, part)


def _save(model: Any, folder: Path, part: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    openvino.save_model(model, part_file(folder, part), compress_to_fp16=False)


class _Image(torch.nn.Module):
    """From pixels to image features, as the generation of transformers computes them."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Return the features, (1, queries, embed_dim), of pixels, (1, 3, side, side)."""
        hidden = self.model.vision_model(pixel_values)[0]
        hidden = self.model.vision_model.model.post_layernorm(hidden)
        hidden = torch.nn.functional.normalize(hidden, dim=-1)
        features: torch.Tensor = self.model.image_to_text_projection(hidden)[0]
        return features


class _Decoder(torch.nn.Module):
    """The text model over embeddings, with earlier keys and values as inputs and outputs."""

    def __init__(self, text_model: Any) -> None:
        super().__init__()
        self.text_model = text_model

    def forward(
        self,
        inputs_embeds: torch.Tensor,
        position_ids: torch.Tensor,
        beam_idx: torch.Tensor,
        past: Sequence[torch.Tensor],
    ) -> tuple[torch.Tensor, ...]:
        """
        Return the logits of the last token, (1, 1, vocabulary), and all keys and values.

        :param inputs_embeds: (1, tokens, embed_dim), not scaled yet.
        :param beam_idx: which earlier text each text continues: OpenVINO's own operation for
            attention over states is chosen where keys and values are taken by it.
        :param past: keys and values of each layer in turn, (1, heads, earlier, width).
        """
        model = self.text_model.model
        states = _States([state.index_select(0, beam_idx) for state in past])
        before, tokens = past[0].shape[2], inputs_embeds.shape[1]
        hidden = inputs_embeds * model.embed_scale + model.embed_positions.weights[position_ids]
        own = torch.arange(tokens)[:, None] + before
        later = torch.arange(before + tokens)[None] > own
        mask = torch.where(later, torch.finfo(torch.float32).min, 0.0)[None, None]
        for layer in model.layers:
            hidden = layer(hidden, mask, None, past_key_values=states)
        logits = self.text_model.lm_head(model.layer_norm(hidden[:, -1:]))
        return (logits, *states.all)


class _States:
    """What a layer of transformers needs of its cache."""

    def __init__(self, states: list[torch.Tensor]) -> None:
        self.all = states

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append keys and values of a layer and return all of them."""
        place = slice(2 * layer, 2 * layer + 2)
        self.all[place] = [
            torch.cat(pair, dim=2) for pair in zip(self.all[place], (keys, values), strict=True)
        ]
        together, seen = self.all[place]
        return together, seen
