# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The stock model's loss on the answers of a batch."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn import functional
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.core.model.grammar import CELL_COUNT
from training.finetuning.rows import IGNORED, Rows
from training.losses import cell_targets


class Loss(NamedTuple):
    """Mean loss of a token of an answer, and of words and location tokens among them."""

    total: torch.Tensor
    words: float
    cells: float


def answer_loss(
    model: Kosmos2ForConditionalGeneration,
    pixels: torch.Tensor,
    rows: Rows,
    first_cell: int,
    soft: bool,
) -> Loss:
    """
    Return the cross entropy of the answers; prompts are given, not learned.

    Each image goes through the vision tower once, however many rows are about it.

    :param pixels: (images, 3, S, S) as the processor makes them.
    :param soft: the target of location tokens is a Gaussian around the exact corner, not one cell.
    """
    embeds = image_embeds(model, pixels)[rows.images]
    first = int((rows.targets != IGNORED).any(0).nonzero()[0])
    kept = rows.ids.shape[1] - first
    logits = model(
        input_ids=rows.ids,
        attention_mask=rows.attention,
        image_embeds=embeds,
        image_embeds_position_mask=rows.image_places,
        logits_to_keep=kept,
        use_cache=False,
    ).logits
    learned = rows.targets != IGNORED
    targets, corners = rows.targets[learned], rows.corners[learned]
    losses = functional.cross_entropy(
        logits[learned[:, first:]].float(), targets, reduction='none'
    )
    is_cell = (targets >= first_cell) & (targets < first_cell + CELL_COUNT)
    if soft and bool(is_cell.any()):
        log = logits[learned[:, first:]][is_cell].float().log_softmax(-1)
        # The cells around each corner are few, so they are listed on the CPU.
        cells, weights = cell_targets(
            corners[is_cell].cpu(), (targets[is_cell] - first_cell).cpu()
        )
        spread = -(weights.to(log.device) * log.gather(1, cells.to(log.device) + first_cell))
        losses = losses.masked_scatter(is_cell, spread.sum(1))
    details = losses.detach()
    return Loss(losses.mean(), _mean(details[~is_cell]), _mean(details[is_cell]))


def image_embeds(model: Kosmos2ForConditionalGeneration, pixels: torch.Tensor) -> torch.Tensor:
    """Return (images, latents, width), as in the model's own forward pass."""
    features = model.vision_model(pixel_values=pixels)[0]
    features = model.vision_model.model.post_layernorm(features)
    embeds: torch.Tensor = model.image_to_text_projection(functional.normalize(features, dim=-1))[
        0
    ]
    return embeds


def _mean(values: torch.Tensor) -> float:
    return float(values.mean()) if values.numel() else float('nan')
