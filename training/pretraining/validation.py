# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Scores of a model on held-out images, given the right beginning of the answer."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import torch
from torch.nn import functional

from kosmos_ros.core.model.grammar import CELL_COUNT, GRID_SIZE, Tag
from training.dataset import Batch, make_batch, Pool
from training.forward import PackedForward
from training.packing import first_cell, NO_CORNER, tag_id
from training.tokenizer import EOS

BATCH_SIZE = 24


class Sums(NamedTuple):
    """Sums over a share of the images, to be added up and divided."""

    iou: float = 0.0
    hits: float = 0.0
    boxes: float = 0.0
    words_right: float = 0.0
    words: float = 0.0
    accepted: float = 0.0
    present: float = 0.0
    refused: float = 0.0
    absent: float = 0.0

    def scores(self) -> dict[str, float]:
        """Return the means."""
        return {
            'iou': self.iou / max(1, self.boxes),
            'acc50': self.hits / max(1, self.boxes),
            'words': self.words_right / max(1, self.words),
            'present': self.accepted / max(1, self.present),
            'absent': self.refused / max(1, self.absent),
        }


def validation_batches(pool: Pool, rank: int, world: int) -> list[Batch]:
    """Return one process's share of the held-out images; always the same."""
    rng = Random(rank)
    scenes = pool.validation()[rank::world]
    starts = range(0, len(scenes), BATCH_SIZE)
    return [make_batch(rng, scenes[start : start + BATCH_SIZE]) for start in starts]


def decoded(upper_left: torch.Tensor, lower_right: torch.Tensor) -> torch.Tensor:
    """Return (n, 4) boxes of cells: their centres, or edges where they share a row or column."""
    left, top = upper_left % GRID_SIZE, upper_left // GRID_SIZE
    right, bottom = lower_right % GRID_SIZE, lower_right // GRID_SIZE
    edges = (left == right) | (top == bottom)
    low, high = torch.where(edges, 0.0, 0.5), torch.where(edges, 1.0, 0.5)
    return torch.stack([left + low, top + low, right + high, bottom + high], -1) / GRID_SIZE


def overlap(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the IoU of (n, 4) boxes, row by row."""
    corner_low, corner_high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    common = (corner_high - corner_low).clamp(min=0).prod(-1)
    areas = [(box[:, 2:] - box[:, :2]).clamp(min=0).prod(-1) for box in (a, b)]
    return common / (areas[0] + areas[1] - common + 1e-9)


@torch.no_grad()
def batch_sums(forward: PackedForward, batch: Batch) -> Sums:
    """Score one batch."""
    ids, segments, positions, targets, corners = (torch.from_numpy(a) for a in batch.packed)
    _, latents = forward.vision(torch.from_numpy(batch.images))
    hidden = forward.text(latents, ids, segments, positions)
    learned = targets >= 0
    chosen = functional.linear(hidden[learned], forward.embeddings).argmax(-1)
    wanted, where, given = targets[learned], corners[learned], ids[learned]
    is_cell = where[:, 0] != NO_CORNER
    cells = (chosen[is_cell] - first_cell()).view(-1, 2)
    valid = ((cells >= 0) & (cells < CELL_COUNT)).all(-1)
    cells = cells.clamp(0, CELL_COUNT - 1)
    truth = (where[is_cell].view(-1, 4) + 0.5) / GRID_SIZE
    ious = overlap(decoded(cells[:, 0], cells[:, 1]), truth) * valid
    decides = given == tag_id(Tag.PHRASE_END)
    present = decides & (wanted == tag_id(Tag.OBJECT))
    absent = decides & (wanted == EOS)
    numbers = (
        ious.sum(),
        (ious >= 0.5).sum(),
        torch.tensor(len(ious)),
        (chosen == wanted)[~is_cell].sum(),
        (~is_cell).sum(),
        (chosen == wanted)[present].sum(),
        present.sum(),
        (chosen == wanted)[absent].sum(),
        absent.sum(),
    )
    return Sums(*(float(number) for number in numbers))


def validate(forward: PackedForward, batches: list[Batch]) -> torch.Tensor:
    """Return the sums over batches as a tensor in the order of ``Sums``."""
    return torch.tensor([batch_sums(forward, batch) for batch in batches]).sum(0)
