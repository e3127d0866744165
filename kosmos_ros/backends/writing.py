# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Greedy continuation of a prompt that keeps to the grammar of boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kosmos_ros.backends.decoder import Decoder
from kosmos_ros.backends.decoding import (
    best_allowed,
    corner_mass,
    LogProbabilities,
    lower_right_cells,
    Mask,
    probability,
    repeating_tokens,
)
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.backend import GeneratedToken, Generation, StopCheck, TokenListener
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grammar import CELL_COUNT, Tag


class TokenRules:
    """
    Which tokens may follow.

    Inside ``<object>`` only what makes a sound box: two corners, the second neither left of nor
    above the first, then the delimiter or the end. Outside no corners and no end of a box.
    Free text repeats no run of ``no_repeat_ngram_size`` tokens; unlike in the authors' decoder,
    tags and the end of the text are exempt, so that no phrase is left open by it.
    """

    def __init__(self, vocabulary: Kosmos2Vocabulary, no_repeat_ngram_size: int) -> None:
        self._ids = vocabulary.ids
        self._control = vocabulary.control
        self._size = len(vocabulary)
        self._ngram_size = no_repeat_ngram_size
        self._cell_slice = slice(self._ids.first_cell, self._ids.first_cell + CELL_COUNT)
        tags = self._ids.tags
        self._openers = {tags[Tag.OBJECT], tags[Tag.DELIMITER]}
        written = {self._ids.eos, *(tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT))}
        self._text_mask = self._mask_without(self._control - written)
        self._after_box = self._mask_of([tags[Tag.OBJECT_END], tags[Tag.DELIMITER]])

    def allowed(self, history: Sequence[int], width: int) -> Mask:
        """
        Return (width,) bool over token ids.

        :param history: all tokens so far, the prompt's included.
        :param width: size of the model's vocabulary, at least the tokenizer's.
        """
        mask = np.zeros(width, dtype=np.bool_)
        mask[: self._size] = self._after(history)
        return mask

    def probability(self, token_id: int, log_probabilities: LogProbabilities) -> float:
        """
        Return how sure the model is of a token: for a corner, of its 3x3 cells together.

        :param log_probabilities: (vocabulary,).
        """
        cell = self._ids.cell_of(token_id)
        if cell is None:
            return probability(log_probabilities[token_id])
        return corner_mass(cell, log_probabilities[self._cell_slice])

    def _after(self, history: Sequence[int]) -> Mask:
        last = self._ids.cell_of(history[-1])
        if history[-1] in self._openers:
            return self._cells(np.ones(CELL_COUNT, dtype=np.bool_))
        if last is None:
            return self._text(history)
        if history[-2] in self._openers:
            return self._cells(lower_right_cells(last))
        return self._after_box

    def _text(self, history: Sequence[int]) -> Mask:
        mask: Mask = self._text_mask.copy()
        repeating = repeating_tokens(history, self._ngram_size) - self._control
        mask[list(repeating)] = False
        return mask

    def _cells(self, cells: Mask) -> Mask:
        mask = np.zeros(self._size, dtype=np.bool_)
        mask[self._cell_slice] = cells
        return mask

    def _mask_of(self, token_ids: Sequence[int]) -> Mask:
        mask = np.zeros(self._size, dtype=np.bool_)
        mask[list(token_ids)] = True
        return mask

    def _mask_without(self, token_ids: frozenset[int]) -> Mask:
        mask = np.ones(self._size, dtype=np.bool_)
        mask[list(token_ids)] = False
        return mask


def write_continuation(
    decoder: Decoder,
    rules: TokenRules,
    prompt_ids: Sequence[int],
    end_id: int,
    max_new_tokens: int,
    should_stop: StopCheck,
    on_token: TokenListener,
) -> Generation:
    """
    Continue a prompt greedily with a fresh decoder of one sequence.

    :param prompt_ids: the whole input, from ``<s>`` on.
    :param end_id: the token that ends the text.
    :raises GroundingStoppedError: if ``should_stop()`` said so between two tokens.
    :raises ModelError: if the model fails.
    """
    history = list(prompt_ids)
    tokens: list[GeneratedToken] = []
    new: Sequence[int] = prompt_ids
    while len(tokens) < max_new_tokens:
        if should_stop():
            raise GroundingStoppedError(f'stopped after {len(tokens)} tokens')
        log = decoder.feed([new], keep=1)[0, 0]
        choice = best_allowed(log, rules.allowed(history, log.size))
        if choice == end_id:
            return Generation(tuple(tokens), finished=True)
        tokens.append(GeneratedToken(choice, rules.probability(choice, log)))
        on_token(tokens[-1])
        history.append(choice)
        new = [choice]
    return Generation(tuple(tokens), finished=False)
