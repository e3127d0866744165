# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Greedy continuation of a prompt within the grammar of boxes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import torch

from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder, model_errors
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    best_cell,
    corner_at,
    lower_right_cells,
    probability,
    RepeatGuard,
)
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.model.backend import GeneratedToken, Generation, StopCheck, TokenListener
from kosmos_ros.core.model.grammar import Cell, Tag


class Place(Enum):
    """What the grammar expects next."""

    TEXT = 'words, tags or the end'
    UPPER_LEFT = 'any cell'
    LOWER_RIGHT = 'a cell that is neither left of nor above the one before'
    AFTER_BOX = 'the delimiter or the end of the object'


class Writer:
    """
    Continues prompts with tokens that may follow.

    Inside ``<object>`` only what makes a well-formed box: two corners, the second neither left of
    nor above the first, then the delimiter or the end. Outside no corners and no end of a box.
    Free text repeats no run of ``no_repeat_ngram_size`` tokens; unlike in the authors' decoder,
    tags and the end of the text are exempt, so that no phrase is left open by it.
    """

    def __init__(
        self, head: OutputHead, vocabulary: Kosmos2Vocabulary, no_repeat_ngram_size: int
    ) -> None:
        self._head = head
        self._vocabulary = vocabulary
        self.ngram_size = no_repeat_ngram_size
        tags, eos = vocabulary.ids.tags, vocabulary.ids.eos
        self._openers = {tags[Tag.OBJECT], tags[Tag.DELIMITER]}
        self.after_box = (tags[Tag.OBJECT_END], tags[Tag.DELIMITER])
        written = {eos, *(tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT))}
        # Rows of the matrix behind the tokenizer's last token are padding.
        self.never_text = vocabulary.control.difference(written).union(
            range(len(vocabulary), head.width)
        )
        self._never_text = torch.tensor([*self.never_text], device=head.device)

    def place(self, history: Sequence[int]) -> Place:
        """Return what the grammar expects after tokens, at least one."""
        if history[-1] in self._openers:
            return Place.UPPER_LEFT
        if self._vocabulary.ids.cell_of(history[-1]) is None:
            return Place.TEXT
        return Place.LOWER_RIGHT if history[-2] in self._openers else Place.AFTER_BOX

    def repeating(self, guard: RepeatGuard) -> set[int]:
        """Return the tokens that may not come next in text, besides ``never_text``."""
        return guard.banned() - self._vocabulary.control

    def write(
        self,
        decoder: Decoder,
        frame: TransformersFrame,
        prompt_ids: Sequence[int],
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """
        Continue a prompt greedily.

        :param decoder: a fresh one.
        :param prompt_ids: the whole input, from ``<s>`` on.
        :raises: as ``Backend.generate``.
        """
        history = list(prompt_ids)
        guard = RepeatGuard(self.ngram_size, history)
        tokens: list[GeneratedToken] = []
        while len(tokens) < max_new_tokens:
            if should_stop():
                raise GroundingStoppedError(f'stopped after {len(tokens)} tokens')
            if tokens:
                hidden = decoder.feed([history[-1:]], keep=1)
            else:
                hidden = ask(decoder, self._vocabulary, [frame], [prompt_ids], keep=1)
            token = self._choose(hidden[0, 0], history, guard)
            if token.id == self._vocabulary.ids.eos:
                return Generation(tuple(tokens), finished=True)
            tokens.append(token)
            on_token(token)
            history.append(token.id)
            guard.add(token.id)
        return Generation(tuple(tokens), finished=False)

    def _choose(
        self, hidden: torch.Tensor, history: Sequence[int], guard: RepeatGuard
    ) -> GeneratedToken:
        """Choose the best token behind hidden states (width,)."""
        place = self.place(history)
        if place is Place.TEXT:
            return self._choose_text(hidden, self.repeating(guard))
        if place is Place.AFTER_BOX:
            return self._choose_after_box(hidden)
        before = history[-1] - self._vocabulary.ids.first_cell
        return self._choose_cell(hidden, Cell(before) if place is Place.LOWER_RIGHT else Cell(0))

    def _choose_text(self, hidden: torch.Tensor, repeating: set[int]) -> GeneratedToken:
        """Choose among text tokens, with the probability among all tokens."""
        logits = self._head.full(hidden)
        with model_errors(), torch.inference_mode():
            total = logits.logsumexp(dim=0)
            logits[self._never_text] = -torch.inf
            if repeating:
                logits[list(repeating)] = -torch.inf
            best, index = logits.max(dim=0)
            # Both at once: on a GPU each read has to wait for it.
            choice, log = torch.stack([index.double(), (best - total).double()]).tolist()
        return GeneratedToken(int(choice), probability(log))

    def _choose_after_box(self, hidden: torch.Tensor) -> GeneratedToken:
        """End the object or begin another box, with the probability among these two."""
        log = self._head.log_rows(hidden, self.after_box)
        best = int(log.argmax())
        return GeneratedToken(self.after_box[best], probability(log[best]))

    def _choose_cell(self, hidden: torch.Tensor, upper_left: Cell) -> GeneratedToken:
        """Choose a corner neither left of nor above a cell, with the mass around it."""
        log = among(self._head.log_cells(hidden), lower_right_cells(upper_left))
        cell = best_cell(log)
        corner = corner_at(cell, log)
        return GeneratedToken(self._vocabulary.ids.first_cell + cell.index, corner.mass, corner)
