# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The KOSMOS-2 prompt grammar as values.

A ``Prompt`` keeps text, tags and location tokens apart, so that words of a user can never turn
into a control token: a backend tokenises the text parts as plain text and maps tags and cells to
their ids itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Union

GRID_SIZE = 32
"""Cells per image side; a location token names one of ``GRID_SIZE * GRID_SIZE`` cells."""

CELL_COUNT = GRID_SIZE * GRID_SIZE


class Tag(Enum):
    """A control token of the grammar; the value is its spelling."""

    GROUNDING = '<grounding>'
    PHRASE = '<phrase>'
    PHRASE_END = '</phrase>'
    OBJECT = '<object>'
    OBJECT_END = '</object>'
    DELIMITER = '</delimiter_of_multi_objects/>'


@dataclass(frozen=True)
class Cell:
    """A location token: cell ``index`` (row-major, 0..1023) of the 32x32 grid."""

    index: int

    def __post_init__(self) -> None:
        """Reject cells outside the grid."""
        if not 0 <= self.index < CELL_COUNT:
            raise ValueError(f'a cell index is within 0..{CELL_COUNT - 1}, got {self.index}')

    def __str__(self) -> str:
        """Spell the cell as the tokenizer does."""
        return f'<patch_index_{self.index:04d}>'


PromptPart = Union[str, Tag, Cell]


@dataclass(frozen=True)
class Prompt:
    """What the model is given after the image: text parts, tags and cells, in order."""

    parts: tuple[PromptPart, ...]

    def __str__(self) -> str:
        """Spell the prompt as the model card does; for people and logs, never tokenised."""
        return ''.join(part.value if isinstance(part, Tag) else str(part) for part in self.parts)


@dataclass(frozen=True)
class GrammarIds:
    """Token ids of the grammar in one model's vocabulary, all of whose ids are below ``size``."""

    bos: int
    eos: int
    pad: int
    tags: Mapping[Tag, int]
    first_cell: int
    size: int

    def cell_of(self, token_id: int) -> Cell | None:
        """Return the cell that a token id names, None for any other token."""
        index = token_id - self.first_cell
        return Cell(index) if 0 <= index < CELL_COUNT else None
