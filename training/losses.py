# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Losses of the training."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional

from kosmos_ros.core.model.grammar import GRID_SIZE
from training.dataset import Batch
from training.forward import PackedForward
from training.helper_targets import COLOR_CLASSES, LATENTS, PATCHES, SHAPE_CLASSES
from training.model import grid_centers, HelperHeads
from training.packing import first_cell, NO_CORNER

CELL_SIGMA = 0.7
"""Width, in cells, of the Gaussian that a location token's target is."""

CELL_REACH = 2
CELL_WEIGHT = 2.0
TOKENS_PER_IMAGE = 30.0
"""Scales the summed loss of the tokens of one image to about one."""

BOX_SCALE = 5.0
"""Helper boxes are learned as offsets from the patch, in fifths of the image."""


class Losses(NamedTuple):
    """Summed losses of one image's words and the mean loss of one location token."""

    words: torch.Tensor
    cells: torch.Tensor
    total: torch.Tensor


def cell_targets(corners: torch.Tensor, cells: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Spread each location target over the cells around it.

    The neighbours' probabilities then show where in the cell the corner lies, which makes boxes
    finer than the grid possible.

    :param corners: (n, 2) exact x, y in cells, measured between cell centres.
    :param cells: (n,) index of the true cell.
    :returns: (n, 25) cells and (n, 25) weights that sum to one.
    """
    offsets = torch.arange(-CELL_REACH, CELL_REACH + 1)
    down, across = torch.meshgrid(offsets, offsets, indexing='ij')
    x = cells[:, None] % GRID_SIZE + across.reshape(-1)
    y = cells[:, None] // GRID_SIZE + down.reshape(-1)
    inside = (x >= 0) & (x < GRID_SIZE) & (y >= 0) & (y < GRID_SIZE)
    squared = (x - corners[:, :1]) ** 2 + (y - corners[:, 1:]) ** 2
    weights = torch.exp(-squared / (2 * CELL_SIGMA**2)) * inside
    last = GRID_SIZE - 1
    return y.clamp(0, last) * GRID_SIZE + x.clamp(0, last), weights / weights.sum(1, keepdim=True)


def answer_losses(
    hidden: torch.Tensor, embeddings: torch.Tensor, targets: torch.Tensor, corners: torch.Tensor
) -> Losses:
    """
    Return the losses of a batch of packed answers.

    :param hidden: (N, ROWS, ROW_LENGTH, width); targets and corners as in ``Packed``.
    """
    learned = targets >= 0
    logits = functional.linear(hidden[learned], embeddings).float().log_softmax(-1)
    wanted, where = targets[learned], corners[learned]
    is_cell = where[:, 0] != NO_CORNER
    words = -logits[~is_cell].gather(1, wanted[~is_cell, None]).sum() / len(hidden)
    cells, weights = cell_targets(where[is_cell], wanted[is_cell] - first_cell())
    spread = -(weights * logits[is_cell].gather(1, cells + first_cell())).sum()
    total = (words + CELL_WEIGHT * spread / len(hidden)) / TOKENS_PER_IMAGE
    return Losses(words, spread / is_cell.sum().clamp(min=1), total)


def helper_loss(
    outputs: torch.Tensor, targets: tuple[torch.Tensor, ...], side: int, background: float
) -> torch.Tensor:
    """
    Return the loss of one helper head.

    :param outputs: (N, side * side, classes + 4).
    :param targets: shapes, colours (N, side, side) and boxes (N, side, side, 4).
    :param background: weight of the class 'nothing', which is the most frequent.
    """
    shapes, colors, boxes = targets[0].flatten(1), targets[1].flatten(1), targets[2].flatten(1, 2)
    shape_weights, color_weights = torch.ones(SHAPE_CLASSES), torch.ones(COLOR_CLASSES)
    shape_weights[0] = color_weights[0] = background
    shape_part, color_part, box_part = outputs.split([SHAPE_CLASSES, COLOR_CLASSES, 4], -1)
    loss = functional.cross_entropy(shape_part.flatten(0, 1), shapes.flatten(), shape_weights)
    loss = loss + functional.cross_entropy(
        color_part.flatten(0, 1), colors.flatten(), color_weights
    )
    centers = grid_centers(side).repeat(1, 2)
    there = shapes > 0
    if there.any():
        loss = loss + 2 * (box_part - (boxes - centers) * BOX_SCALE)[there].abs().mean()
    return loss


def helper_losses(
    heads: HelperHeads, features: torch.Tensor, latents: torch.Tensor, batch: Batch
) -> torch.Tensor:
    """Return the summed loss of both helper heads."""

    def apply(head: torch.nn.Linear, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, head.weight.to(x.dtype), head.bias.to(x.dtype)).float()

    targets = tuple(torch.from_numpy(array) for array in batch.helpers)
    of_patches = apply(heads.patch, features[:, 1:])
    of_latents = apply(heads.latent, functional.layer_norm(latents, (latents.shape[-1],)))
    return helper_loss(of_patches, targets[:3], PATCHES, 0.5) + helper_loss(
        of_latents, targets[3:], LATENTS, 0.1
    )


def batch_loss(
    forward: PackedForward, heads: HelperHeads, batch: Batch, helper_weight: float, with_text: bool
) -> tuple[torch.Tensor, dict[str, float]]:
    """Return the loss of a batch, and its parts for the log."""
    features, latents = forward.vision(torch.from_numpy(batch.images))
    helpers = helper_losses(heads, features, latents, batch)
    if not with_text:
        return helpers, {'helpers': helpers.item()}
    ids, segments, positions, targets, corners = (torch.from_numpy(a) for a in batch.packed)
    hidden = forward.text(latents, ids, segments, positions)
    losses = answer_losses(hidden, forward.embeddings, targets, corners)
    parts = {'words': losses.words, 'cell': losses.cells, 'helpers': helpers}
    loss = losses.total + helper_weight * helpers
    return loss, {name: value.item() for name, value in parts.items()}
