# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The forward pass of training: weights and results of the stock model, several times faster.

The vision tower runs once an image and the image's prefix once for all its examples (see
``training.packing``); attention is written as plain matrix products, whose backward pass takes a
CPU less than half the time of the fused kernel's.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional
from transformers import Kosmos2ForConditionalGeneration

from training.packing import PREFIX_LENGTH
from training.tokenizer import BOS, token_id

IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP, as in the processor."""

EPSILON = 1e-5
FIRST_POSITION = 2
"""Row of the sine table that the first token gets (padding id + 1)."""

BLOCKED = -1e4


def attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    heads: int,
    mask: torch.Tensor | None = None,
) -> torch.Tensor:
    """
    Attend with several heads.

    :param query: (..., n, width); key and value (..., m, width).
    :param mask: added to the (..., heads, n, m) weights before the softmax.
    """
    size = query.shape[-1] // heads

    def split(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.view(*tensor.shape[:-1], heads, size).transpose(-2, -3)

    weights = torch.matmul(split(query) * size**-0.5, split(key).transpose(-1, -2))
    if mask is not None:
        weights = weights + mask
    mixed = torch.matmul(functional.softmax(weights, -1), split(value))
    return mixed.transpose(-2, -3).reshape(query.shape)


Projected = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Query, key and value."""


class PackedForward:
    """
    Runs a model on packed batches.

    :param dtype: of the activations; the weights stay float32 and are cast by ``refresh``.
    """

    def __init__(
        self, model: Kosmos2ForConditionalGeneration, dtype: torch.dtype = torch.bfloat16
    ) -> None:
        self._parameters = dict(model.named_parameters())
        self._dtype = dtype
        text: Any = model.config.text_config
        vision: Any = model.config.vision_config
        self._width, self._heads = text.embed_dim, text.attention_heads
        self._text_layers, self._vision_layers = text.layers, vision.num_hidden_layers
        self._patch = vision.patch_size
        self._positions = model.text_model.model.embed_positions.weights.to(dtype)
        self._prefix_mask = torch.triu(
            torch.full((PREFIX_LENGTH, PREFIX_LENGTH), BLOCKED, dtype=dtype), 1
        )
        self._frame_ids = torch.tensor([BOS, token_id('<image>'), token_id('</image>')])
        self._mean, self._std = torch.tensor(IMAGE_MEAN) * 255, torch.tensor(IMAGE_STD) * 255
        self._weights: dict[str, torch.Tensor] = {}

    def refresh(self) -> None:
        """Cast the weights; call it whenever they have changed."""
        self._weights = {name: value.to(self._dtype) for name, value in self._parameters.items()}

    @property
    def embeddings(self) -> torch.Tensor:
        """Return the (vocabulary, width) embeddings, which are the output matrix too."""
        return self._weights['text_model.model.embed_tokens.weight']

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, self._weights[f'{name}.weight'], self._weights[f'{name}.bias'])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._weights[f'{name}.weight'], self._weights[f'{name}.bias']
        return functional.layer_norm(x, (x.shape[-1],), weight, bias, EPSILON)

    def _query_key_value(self, x: torch.Tensor, name: str) -> Projected:
        query, key, value = (self._linear(x, f'{name}.{part}_proj') for part in 'qkv')
        return query, key, value

    def _patches(self, images: torch.Tensor) -> torch.Tensor:
        count, size = len(images), self._patch
        side = images.shape[1] // size
        x = (images.float() - self._mean) / self._std
        x = x.view(count, side, size, side, size, 3).permute(0, 1, 3, 5, 2, 4)
        x = x.reshape(count, side * side, 3 * size * size).to(self._dtype)
        filters = self._weights['vision_model.model.embeddings.patch_embedding.weight']
        return functional.linear(x, filters.view(self._width, -1))

    def vision(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """
        Run the vision tower.

        :param images: (N, 224, 224, 3) uint8.
        :returns: (N, 1 + patches, width) features and (N, 64, width) latents.
        """
        tower = 'vision_model.model'
        first = self._weights[f'{tower}.embeddings.class_embedding'].expand(len(images), 1, -1)
        x = torch.cat([first, self._patches(images)], 1)
        x = x + self._weights[f'{tower}.embeddings.position_embedding.weight']
        x = self._norm(x, f'{tower}.pre_layrnorm')
        for index in range(self._vision_layers):
            layer = f'{tower}.encoder.layers.{index}'
            hidden = self._norm(x, f'{layer}.layer_norm1')
            query, key, value = self._query_key_value(hidden, f'{layer}.self_attn')
            mixed = attention(query, key, value, self._heads)
            x = x + self._linear(mixed, f'{layer}.self_attn.out_proj')
            hidden = self._norm(x, f'{layer}.layer_norm2')
            hidden = functional.gelu(self._linear(hidden, f'{layer}.mlp.fc1'))
            x = x + self._linear(hidden, f'{layer}.mlp.fc2')
        features = self._norm(x, f'{tower}.post_layernorm')
        return features, self._latents(features)

    def _latents(self, features: torch.Tensor) -> torch.Tensor:
        projection = 'image_to_text_projection'
        hidden = self._linear(functional.normalize(features, dim=-1), f'{projection}.dense')
        queries = self._weights[f'{projection}.latent_query'].expand(len(features), -1, -1)
        attended = torch.cat([hidden, queries], 1)
        mixed = attention(
            self._linear(queries, f'{projection}.x_attn.q_proj'),
            self._linear(attended, f'{projection}.x_attn.k_proj'),
            self._linear(attended, f'{projection}.x_attn.v_proj'),
            self._heads,
        )
        return self._linear(mixed, f'{projection}.x_attn.out_proj')

    def _prefix(self, latents: torch.Tensor) -> torch.Tensor:
        frame = functional.embedding(self._frame_ids, self.embeddings)
        frame = frame.expand(len(latents), -1, -1)
        prefix = torch.cat([frame[:, :2], latents, frame[:, 2:]], 1) * math.sqrt(self._width)
        return prefix + self._positions[FIRST_POSITION : FIRST_POSITION + PREFIX_LENGTH]

    def _row_mask(self, segments: torch.Tensor) -> torch.Tensor:
        """Let each token attend to the prefix, if it has one, and its example's earlier ones."""
        count, rows, length = segments.shape
        same = segments.unsqueeze(-1) == segments.unsqueeze(-2)
        visible = same & torch.ones(length, length, dtype=torch.bool).tril()
        mask = torch.zeros(count, rows, 1, length, PREFIX_LENGTH + length, dtype=self._dtype)
        mask[..., PREFIX_LENGTH:].masked_fill_(~visible.unsqueeze(2), BLOCKED)
        mask[..., :PREFIX_LENGTH].masked_fill_((segments < 0)[:, :, None, :, None], BLOCKED)
        return mask

    def _text_attention(
        self, hidden: torch.Tensor, name: str, mask: torch.Tensor, with_prefix: bool
    ) -> torch.Tensor:
        """Attend from the rows to prefix and rows, and within the prefix where it is needed."""
        count, rows, _, length, _ = mask.shape
        query, key, value = self._query_key_value(hidden, name)

        def row(tensor: torch.Tensor) -> torch.Tensor:
            return tensor[:, PREFIX_LENGTH:].view(count, rows, length, self._width)

        def prefixed(tensor: torch.Tensor) -> torch.Tensor:
            shared = tensor[:, None, :PREFIX_LENGTH].expand(-1, rows, -1, -1)
            return torch.cat([shared, row(tensor)], 2)

        mixed = attention(row(query), prefixed(key), prefixed(value), self._heads, mask)
        mixed = mixed.reshape(count, rows * length, self._width)
        if not with_prefix:
            return mixed
        query, key, value = (tensor[:, :PREFIX_LENGTH] for tensor in (query, key, value))
        return torch.cat([attention(query, key, value, self._heads, self._prefix_mask), mixed], 1)

    def text(
        self,
        latents: torch.Tensor,
        ids: torch.Tensor,
        segments: torch.Tensor,
        positions: torch.Tensor,
    ) -> torch.Tensor:
        """
        Run the decoder on packed rows.

        :param latents: (N, 64, width); the others (N, ROWS, ROW_LENGTH).
        :returns: (N, ROWS, ROW_LENGTH, width), ready for the output matrix.
        """
        rows = functional.embedding(ids, self.embeddings) * math.sqrt(self._width)
        rows = rows + self._positions[positions + FIRST_POSITION + PREFIX_LENGTH]
        x = torch.cat([self._prefix(latents), rows.flatten(1, 2)], 1)
        mask = self._row_mask(segments)
        for index in range(self._text_layers):
            layer = f'text_model.model.layers.{index}'
            last = index == self._text_layers - 1
            hidden = self._norm(x, f'{layer}.self_attn_layer_norm')
            mixed = self._text_attention(hidden, f'{layer}.self_attn', mask, not last)
            if last:
                x = x[:, PREFIX_LENGTH:]
            mixed = self._norm(mixed, f'{layer}.self_attn.inner_attn_ln')
            x = x + self._linear(mixed, f'{layer}.self_attn.out_proj')
            hidden = self._norm(x, f'{layer}.final_layer_norm')
            hidden = functional.gelu(self._linear(hidden, f'{layer}.ffn.fc1'))
            hidden = self._norm(hidden, f'{layer}.ffn.ffn_layernorm')
            x = x + self._linear(hidden, f'{layer}.ffn.fc2')
        return self._norm(x, 'text_model.model.layer_norm').view(*ids.shape, self._width)
