# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Running the text decoder step by step on its key/value cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from transformers import DynamicCache, Kosmos2ForConditionalGeneration

from kosmos_ros.backends.decoding import LogProbabilities
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.errors import ModelError


@contextmanager
def model_errors() -> Iterator[None]:
    """Turn what torch raises while a model runs into ``ModelError``."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise ModelError(
            'out of GPU memory: ask for fewer phrases at once, or load the model with '
            f'quantization 8bit or 4bit ({error})'
        ) from error
    except RuntimeError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f'the model failed: {error}') from error


class Decoder:
    """
    A batch of token sequences, each about an image, extended step by step.

    Sequences may differ in length: each step is padded on the right, the padding is masked out
    of the attention, and positions count real tokens only, so that a sequence in a batch gets
    what it would get alone.

    :param model: the stock model.
    :param image_embeds: (sequences, latents, width) image tokens after the projection.
    """

    def __init__(
        self,
        model: Kosmos2ForConditionalGeneration,
        vocabulary: Kosmos2Vocabulary,
        image_embeds: torch.Tensor,
    ) -> None:
        self._transformer = model.text_model.model
        self._head = model.text_model.lm_head
        self._pad = vocabulary.ids.pad
        self._image_embeds = image_embeds
        # Behind <s> and <image>.
        self._slots = slice(2, 2 + vocabulary.image.count)
        self._cache = DynamicCache(config=model.text_model.config)
        self._mask = torch.zeros(
            (len(image_embeds), 0), dtype=torch.long, device=image_embeds.device
        )

    def feed(self, rows: Sequence[Sequence[int]], keep: int) -> LogProbabilities:
        """
        Append tokens to each sequence.

        :param rows: new token ids, one row per sequence, each at least ``keep`` long; in the
            first step each starts with ``<s>`` and the image tokens.
        :returns: (sequences, keep, vocabulary) float32 log-probabilities of what follows each of
            the last ``keep`` tokens.
        :raises ModelError: if the model fails or computes numbers that are none.
        """
        with model_errors(), torch.inference_mode():
            hidden = self._run(rows)
            lengths = torch.tensor([len(row) for row in rows], device=hidden.device)
            last = lengths[:, None] + torch.arange(-keep, 0, device=hidden.device)
            picked = hidden[torch.arange(len(rows), device=hidden.device)[:, None], last]
            logits = self._head(picked).float()
            result: LogProbabilities = torch.log_softmax(logits, dim=-1).cpu().numpy()
        if np.isnan(result).any():
            raise ModelError('the model computes numbers that are none (NaN); try dtype float32')
        return result

    def keep_rows(self, indices: Sequence[int]) -> None:
        """Go on with some of the sequences only, in the given order."""
        chosen = torch.tensor(indices, device=self._mask.device)
        self._cache.batch_select_indices(chosen)
        self._mask = self._mask[chosen]

    def _run(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        ids, mask = self._padded(rows)
        # The stock position numbering counts the padding in the cache as tokens.
        counted = self._mask.sum(dim=1, keepdim=True)
        positions = (mask.cumsum(dim=1) + counted) * mask + self._pad
        first = self._mask.shape[1] == 0
        self._mask = torch.cat([self._mask, mask], dim=1)
        output = self._transformer(
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            image_embeds=self._image_embeds if first else None,
            image_embeds_position_mask=self._image_mask(ids) if first else None,
        )
        hidden: torch.Tensor = output.last_hidden_state
        return hidden

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(len(row) for row in rows)
        padded = [[*row, *[self._pad] * (width - len(row))] for row in rows]
        mask = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
        device = self._mask.device
        return torch.tensor(padded, device=device), torch.tensor(mask, device=device)

    def _image_mask(self, ids: torch.Tensor) -> torch.Tensor:
        mask = torch.zeros_like(ids)
        mask[:, self._slots] = 1
        return mask
