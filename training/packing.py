# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Examples as token ids, packed several to a row.

All examples of one image share its prefix ``<s><image>..64 latents..</image>``; behind it each is
alone (a block mask keeps it from the others) and its positions restart where the prefix ends, just
as at inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.model.grammar import GRID_SIZE, Tag
from training.texts.examples import BoxPart, Example, Part
from training.texts.words import ANSWER_CAPITALS
from training.tokenizer import BOS, encode_text, EOS, IMAGE_SLOTS, PAD, token_id

PREFIX_LENGTH = IMAGE_SLOTS + 3
ROWS, ROW_LENGTH = 2, 112
IGNORED = -100
NO_CORNER = -1.0

Tokens = tuple[list[int], list[tuple[float, float]]]
"""Ids, and for each location token its exact corner in cells (else NO_CORNER twice)."""


class Packed(NamedTuple):
    """
    Rows of one image, or of a batch with one more axis in front.

    ``ids`` (ROWS, ROW_LENGTH); ``segments`` number the examples from 1, 0 is padding, and the
    number of one without an image is negative; ``positions`` count within an example, from
    -PREFIX_LENGTH on where no image is before it; ``targets`` are the next ids where the answer is
    learned, else IGNORED; ``corners`` (..., 2) x and y of a target that is a location token, in
    cells, measured between cell centres, else NO_CORNER.
    """

    ids: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    corners: npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def first_cell() -> int:
    """Return the id of the first location token."""
    return token_id('<patch_index_0000>')


@lru_cache(maxsize=16)
def tag_id(tag: Tag) -> int:
    """Return the id of a tag."""
    return token_id(tag.value)


def cells_of(box: BoxPart) -> tuple[int, int]:
    """Return the cells of the upper left and lower right corner, by the rule of KOSMOS-2."""

    def lower(value: float) -> int:
        return min(GRID_SIZE - 1, max(0, math.floor(value * GRID_SIZE)))

    def upper(value: float) -> int:
        return min(GRID_SIZE - 1, max(0, math.ceil(value * GRID_SIZE - 1)))

    first = lower(box.y0) * GRID_SIZE + lower(box.x0)
    return first, upper(box.y1) * GRID_SIZE + upper(box.x1)


def encode_answer_text(text: str) -> tuple[int, ...]:
    """Encode text that the model writes: the first word may keep its capital."""
    for word in ANSWER_CAPITALS:
        if text.startswith(f' {word}'):
            return (token_id(f'▁{word}'), *encode_text(text[len(word) + 1 :]))
    return encode_text(text)


def encode_parts(parts: Sequence[Part], written: bool = False) -> Tokens:
    """Encode a prompt, or an answer (``written``)."""
    ids: list[int] = []
    corners: list[tuple[float, float]] = []
    for part in parts:
        if isinstance(part, BoxPart):
            ids.extend(first_cell() + cell for cell in cells_of(part))
            x0, y0, x1, y1 = (GRID_SIZE * v - 0.5 for v in (part.x0, part.y0, part.x1, part.y1))
            corners.extend([(x0, y0), (x1, y1)])
            continue
        if isinstance(part, Tag):
            new: Sequence[int] = (tag_id(part),)
        else:
            new = encode_answer_text(part) if written else encode_text(part)
        ids.extend(new)
        corners.extend([(NO_CORNER, NO_CORNER)] * len(new))
    return ids, corners


def empty_rows() -> Packed:
    """Return rows without examples."""
    shape = (ROWS, ROW_LENGTH)
    return Packed(
        np.full(shape, PAD, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.full(shape, IGNORED, np.int64),
        np.full((*shape, 2), NO_CORNER, np.float32),
    )


def pack(examples: Sequence[Example]) -> Packed:
    """Put examples into the first row with room; examples without room are left out."""
    packed = empty_rows()
    filled = [0] * ROWS
    for number, example in enumerate(examples, start=1):
        prompt, _ = encode_parts(example.prompt)
        answer, corners = encode_parts(example.answer, written=True)
        if example.seen:
            answer, corners = [*answer, EOS], [*corners, (NO_CORNER, NO_CORNER)]
        else:
            prompt = [BOS, *prompt]
        length = len(prompt) + len(answer) - 1  # the last token is only a target
        row = next((r for r in range(ROWS) if filled[r] + length <= ROW_LENGTH), None)
        if row is None:
            continue
        start, end = filled[row], filled[row] + length
        learned = start + len(prompt) - 1
        filled[row] = end
        packed.ids[row, start:end] = (prompt + answer)[:-1]
        packed.segments[row, start:end] = number if example.seen else -number
        packed.positions[row, start:end] = np.arange(length)
        packed.positions[row, start:end] -= 0 if example.seen else PREFIX_LENGTH
        packed.targets[row, learned:end] = answer
        packed.corners[row, learned:end] = corners
    return packed
