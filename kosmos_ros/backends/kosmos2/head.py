# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From hidden states to the probabilities of next tokens, all or only some."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.kosmos2.decoding.decoder import model_errors
from kosmos_ros.backends.kosmos2.probabilities import LogProbabilities
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.model.grammar import CELL_COUNT


class OutputHead:
    """
    The output head of the model: a matrix with a row for each token.

    Reading all of it costs as much as two layers of the decoder, so where the grammar allows only
    a few tokens, only their rows are used. Probabilities of the whole matrix are the model's own;
    those of some rows are conditional on one of these tokens coming. All raise ``ModelError``.
    """

    def __init__(
        self, model: Kosmos2ForConditionalGeneration, vocabulary: Kosmos2Vocabulary
    ) -> None:
        text = model.text_model
        self._head = text.lm_head
        tied = text.config.tie_word_embeddings
        self._weight = text.model.embed_tokens.weight if tied else text.lm_head.weight
        self.width = len(self._weight)
        """Rows of the matrix: at least as many as the tokenizer has tokens."""
        self.device: torch.device = self._weight.device
        first = vocabulary.ids.first_cell
        self.cells = slice(first, first + CELL_COUNT)
        """Rows of the location tokens."""

    def full(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return (..., vocabulary) float32 logits of hidden states (..., width)."""
        with model_errors(), torch.inference_mode():
            logits: torch.Tensor = self._head(hidden).float()
        return logits

    def full_log(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return (..., vocabulary) float32 log-probabilities among all tokens."""
        with model_errors(), torch.inference_mode():
            return torch.log_softmax(self.full(hidden), dim=-1)

    def rows(self, hidden: torch.Tensor, tokens: slice | Sequence[int]) -> torch.Tensor:
        """Return (..., tokens) float32 logits of some tokens only."""
        with model_errors(), torch.inference_mode():
            chosen = self._weight[tokens if isinstance(tokens, slice) else [*tokens]]
            return torch.nn.functional.linear(hidden.to(chosen.dtype), chosen).float()

    def log_rows(self, hidden: torch.Tensor, tokens: slice | Sequence[int]) -> LogProbabilities:
        """Return (..., tokens) log-probabilities, given that one of these tokens comes."""
        with model_errors(), torch.inference_mode():
            log: LogProbabilities = torch.log_softmax(self.rows(hidden, tokens), -1).cpu().numpy()
        return log

    def log_cells(self, hidden: torch.Tensor) -> LogProbabilities:
        """Return (..., 1024) log-probabilities of the cells, given that a location comes."""
        return self.log_rows(hidden, self.cells)
