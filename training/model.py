# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The embedded model's size and its start values.

Everything is a stock ``Kosmos2ForConditionalGeneration``; only the weights it starts from are
chosen: patch filters are low frequencies of a cosine transform, positions and location tokens
share one sine code, and the 64 latents look at the cells of an 8x8 grid. From there a small model
learns to point in minutes instead of hours.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from transformers import Kosmos2Config, Kosmos2ForConditionalGeneration

from kosmos_ros.core.model.grammar import CELL_COUNT, GRID_SIZE
from training.helper_targets import COLOR_CLASSES, LATENTS, SHAPE_CLASSES
from training.packing import first_cell
from training.tokenizer import IMAGE_SIZE, IMAGE_SLOTS, PAD, shared_processor

WIDTH, HEADS, PATCH_SIZE = 192, 4, 16
VISION_LAYERS, TEXT_LAYERS = 6, 4


def model_config(width: int = WIDTH, vision_layers: int = VISION_LAYERS) -> Kosmos2Config:
    """Return the configuration; a test may ask for a smaller one."""
    return Kosmos2Config(
        text_config={
            'vocab_size': len(shared_processor().tokenizer),
            'max_position_embeddings': 512,
            'embed_dim': width,
            'layers': TEXT_LAYERS,
            'ffn_dim': 4 * width,
            'attention_heads': HEADS,
            'activation_function': 'gelu',
            'dropout': 0.0,
            'attention_dropout': 0.0,
            'activation_dropout': 0.0,
        },
        vision_config={
            'hidden_size': width,
            'intermediate_size': 4 * width,
            'num_hidden_layers': vision_layers,
            'num_attention_heads': HEADS,
            'image_size': IMAGE_SIZE,
            'patch_size': PATCH_SIZE,
            'hidden_act': 'gelu',
        },
        latent_query_num=IMAGE_SLOTS,
        dtype='float32',
    )


def grid_centers(size: int) -> torch.Tensor:
    """Return the (size * size, 2) x, y centres of a grid over the image, normalised."""
    centers = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(centers, centers, indexing='ij')
    return torch.stack([x, y], -1).view(-1, 2)


def position_code(points: torch.Tensor, width: int) -> torch.Tensor:
    """
    Encode points as sines and cosines, frequencies dealt out to the attention heads in turn.

    :param points: (n, 2) normalised.
    :returns: (n, width).
    """
    count = width // 4
    frequencies = torch.exp(torch.linspace(math.log(0.5), math.log(10.0), count)) * 2 * math.pi
    x, y = points[:, :1] * frequencies, points[:, 1:] * frequencies
    waves = torch.stack([x.sin(), x.cos(), y.sin(), y.cos()], -1)
    by_head = waves.view(len(points), count // HEADS, HEADS, 4).transpose(1, 2)
    return by_head.reshape(len(points), width)


def patch_filters(width: int, size: int) -> torch.Tensor:
    """Return (width, 3, size, size): cosine transforms of brightness and two colour contrasts."""
    steps = torch.arange(size).float()
    waves = torch.stack(
        [
            torch.cos(math.pi / size * (steps + 0.5) * i) * math.sqrt((1 if i == 0 else 2) / size)
            for i in range(size)
        ]
    )
    orders = [(i, j) for i in range(size) for j in range(size)]
    orders.sort(key=lambda order: (max(order), sum(order)))
    mix = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [-0.5, 1.0, -0.5]])
    mix = mix / mix.norm(dim=1, keepdim=True)
    filters = torch.zeros(width, 3, size, size)
    for number in range(width):
        i, j = orders[number // 3]
        gain = 0.06 if i + j == 0 else 0.12 * (i + j) ** 0.5
        plane = waves[i][:, None] * waves[j][None] * gain
        filters[number] = plane[None] * mix[number % 3][:, None, None]
    return filters[torch.randperm(width)]


def _start_layers(model: nn.Module) -> None:
    """Scale the matrices of all layers by their inputs, those that end a block lower."""
    for name, weight in model.named_parameters():
        if weight.ndim == 2 and '.layers.' in name:
            nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
            if 'out_proj' in name or 'fc2' in name:
                weight.mul_((2 * VISION_LAYERS) ** -0.5)


def _start_latents(model: Kosmos2ForConditionalGeneration, width: int) -> None:
    """
    Anchor the latents to an 8x8 grid.

    The last number of each head distinguishes patches from latents: the keys of patches carry a
    one there, and the queries a large value, so that latents attend to patches only.
    """
    projection = model.image_to_text_projection
    attention = projection.x_attn
    marks = torch.arange(1, HEADS + 1) * (width // HEADS) - 1
    code = position_code(grid_centers(LATENTS), width)
    code[:, marks] = 0
    projection.latent_query.copy_(code)
    dense = torch.eye(width) * math.sqrt(width)
    dense[marks] = 0
    projection.dense.weight.copy_(dense)
    projection.dense.bias.zero_()
    projection.dense.bias[marks] = 1.0
    for linear in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj):
        linear.weight.copy_(torch.eye(width))
        linear.bias.zero_()
    attention.q_proj.weight.mul_(1.7)
    attention.k_proj.weight.mul_(1.7)
    attention.q_proj.bias[marks] = 20.0
    attention.out_proj.weight.mul_(width**-0.5)


def _start_embeddings(model: Kosmos2ForConditionalGeneration, width: int) -> None:
    """Start words at random and location tokens as the code of their place."""
    embeddings = model.text_model.model.embed_tokens.weight
    scale = width**-0.5
    nn.init.normal_(embeddings, std=scale)
    embeddings[PAD].zero_()
    cells = position_code(grid_centers(GRID_SIZE), width) + 0.15 * torch.randn(CELL_COUNT, width)
    embeddings[first_cell() : first_cell() + CELL_COUNT] = cells * scale


def start_model(config: Kosmos2Config, seed: int = 0) -> Kosmos2ForConditionalGeneration:
    """Build the model with its start values."""
    torch.manual_seed(seed)
    model = Kosmos2ForConditionalGeneration(config)
    width = config.text_config.embed_dim
    with torch.no_grad():
        _start_layers(model)
        embeddings = model.vision_model.model.embeddings
        patch_size = config.vision_config.patch_size
        embeddings.patch_embedding.weight.copy_(patch_filters(width, patch_size))
        patches = grid_centers(config.vision_config.image_size // patch_size)
        embeddings.position_embedding.weight[1:] = 0.7 * position_code(patches, width)
        embeddings.position_embedding.weight[0].zero_()
        _start_latents(model, width)
        _start_embeddings(model, width)
    model.tie_weights()
    return model


class HelperHeads(nn.Module):
    """Shape, colour and box from a patch feature and from a latent."""

    def __init__(self, width: int) -> None:
        super().__init__()
        outputs = SHAPE_CLASSES + COLOR_CLASSES + 4
        self.patch = nn.Linear(width, outputs)
        self.latent = nn.Linear(width, outputs)
