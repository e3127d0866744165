# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Examples as token ids for the stock model, one per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import Kosmos2Processor

from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Cell, GRID_SIZE, Prompt, PromptPart
from kosmos_ros.core.types import Box
from training.texts.examples import BoxPart, Example, Part

IGNORED = -100
NO_CORNER = -1.0

Corner = tuple[float, float]
"""x and y of a corner in cells, measured between cell centres; NO_CORNER twice: none."""


@dataclass(frozen=True)
class Row:
    """Ids of prompt and answer, where the answer starts, and its location tokens' corners."""

    ids: tuple[int, ...]
    answer: int
    corners: tuple[Corner, ...]


@dataclass(frozen=True)
class Rows:
    """
    Rows of a batch, padded on the right.

    ``ids``, ``attention`` and ``image_places`` are (N, length) as the model takes them;
    ``targets`` (N, length) are the next ids where learned, else IGNORED; ``corners``
    (N, length, 2) those of targets that are location tokens; ``images`` (N,) the number of each
    row's image in the batch.
    """

    ids: torch.Tensor
    attention: torch.Tensor
    image_places: torch.Tensor
    targets: torch.Tensor
    corners: torch.Tensor
    images: torch.Tensor

    def to(self, device: torch.device) -> Rows:
        """Return the rows on a device."""
        return Rows(*(tensor.to(device) for tensor in vars(self).values()))


class RowMaker:
    """Encodes examples with the tokenizer of a checkpoint."""

    def __init__(self, processor: Kosmos2Processor, latents: int) -> None:
        self._vocabulary = Kosmos2Vocabulary(processor, latents)
        self._tokenizer = processor.tokenizer

    @property
    def first_cell(self) -> int:
        """Id of the first location token."""
        return self._vocabulary.ids.first_cell

    def spelled(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens(
            self._vocabulary.encode_text(text)
        )
        return pieces

    def row(self, example: Example) -> Row:
        """Encode an example; the answer ends with ``</s>``."""
        prompt = self._vocabulary.encode_prompt(Prompt(_grammar(example.prompt)))
        answer: list[int] = []
        corners: list[Corner] = []
        for part in example.answer:
            ids, places = self._written(part)
            answer += ids
            corners += places
        answer.append(self._vocabulary.ids.eos)
        corners.append((NO_CORNER, NO_CORNER))
        return Row((*prompt, *answer), len(prompt), tuple(corners))

    def rows(self, by_image: Sequence[Sequence[Example]]) -> Rows:
        """Stack the examples of a batch's images."""
        made = [self.row(example) for examples in by_image for example in examples]
        images = [number for number, examples in enumerate(by_image) for _ in examples]
        shape = (len(made), max(len(row.ids) for row in made) - 1)
        ids = torch.full(shape, self._vocabulary.ids.pad)
        attention = torch.zeros(shape, dtype=torch.long)
        targets = torch.full(shape, IGNORED)
        corners = torch.full((*shape, 2), NO_CORNER)
        for place, row in enumerate(made):
            length = len(row.ids) - 1  # the last token is only a target
            learned = slice(row.answer - 1, length)
            ids[place, :length] = torch.tensor(row.ids[:-1])
            attention[place, :length] = 1
            targets[place, learned] = torch.tensor(row.ids[row.answer :])
            corners[place, learned] = torch.tensor(row.corners)
        image_places = torch.zeros(shape, dtype=torch.long)
        image_places[:, self._vocabulary.image.slots] = 1
        return Rows(ids, attention, image_places, targets, corners, torch.tensor(images))

    def _written(self, part: Part) -> tuple[list[int], list[Corner]]:
        """Return the ids of a part of an answer and the corners of each."""
        if isinstance(part, BoxPart):
            first, second = _cells(part)
            # The position of a corner within its cell, for targets spread around it.
            corners = [_between_centres(part.x0, part.y0), _between_centres(part.x1, part.y1)]
            return [self.first_cell + first.index, self.first_cell + second.index], corners
        ids = self._text(part) if isinstance(part, str) else [self._vocabulary.ids.tags[part]]
        return ids, [(NO_CORNER, NO_CORNER)] * len(ids)

    def _text(self, text: str) -> list[int]:
        """
        Encode a text that the model writes.

        A vocabulary in lower case may hold some words with a capital, which answers begin with.
        """
        word, space, rest = text.lstrip().partition(' ')
        whole = self._tokenizer.convert_tokens_to_ids(f'▁{word}')
        if text.startswith(' ') and word[:1].isupper() and whole != self._tokenizer.unk_token_id:
            return [whole, *self._vocabulary.encode_text(f'{space}{rest}')]
        return list(self._vocabulary.encode_text(text))


def _grammar(parts: Sequence[Part]) -> tuple[PromptPart, ...]:
    return tuple(
        one for part in parts for one in (_cells(part) if isinstance(part, BoxPart) else (part,))
    )


def _cells(part: BoxPart) -> tuple[Cell, Cell]:
    return cells_from_box(Box(part.x0, part.y0, part.x1, part.y1))


def _between_centres(x: float, y: float) -> Corner:
    return x * GRID_SIZE - 0.5, y * GRID_SIZE - 0.5
