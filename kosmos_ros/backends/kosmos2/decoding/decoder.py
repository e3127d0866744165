# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Running the text decoder step by step on its key/value cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.kosmos2.decoding.fixed_step import FixedStep
from kosmos_ros.backends.kosmos2.decoding.halving import OutOfGpuMemoryError
from kosmos_ros.backends.kosmos2.decoding.key_value_cache import KeyValueCache
from kosmos_ros.backends.kosmos2.decoding.sequences import Appended, PackedRow, Visible
from kosmos_ros.core.errors import ModelError


@contextmanager
def model_errors() -> Iterator[None]:
    """Turn what torch raises while a model runs into ``ModelError``."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise OutOfGpuMemoryError(
            'out of GPU memory: ask for fewer phrases at once, or load the model with '
            f'quantization 8bit or 4bit ({error})'
        ) from error
    except RuntimeError as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f'the model failed: {error}') from error


@dataclass(frozen=True)
class _Waiting:
    """Appended tokens that wait for the next pass."""

    ids: list[int]
    appended: Appended
    image_embeds: torch.Tensor | None


class Decoder:
    """
    Token sequences about images, extended together and step by step; may raise ``ModelError``.

    All sequences share one row (see ``PackedRow``); each gets what it would get alone. The layers
    are the library's own; what it puts around them (masks and positions of padded batches, a cache
    that is copied at each step) is left out.

    :param image_slots: where the image tokens stand in the sequences that begin with an image.
    :param step: runs single tokens of a lone sequence where that is faster; decoders share its
        buffer, so only the newest one can go on.
    """

    def __init__(
        self,
        model: Kosmos2ForConditionalGeneration,
        image_slots: slice,
        step: FixedStep | None = None,
    ) -> None:
        self._transformer = model.text_model.model
        self._device = self._transformer.embed_tokens.weight.device
        self._slots = image_slots
        self._row = PackedRow()
        self._step = step
        buffer = None if step is None else step.buffer
        self._cache = KeyValueCache(len(self._transformer.layers), buffer)
        self._waiting: list[_Waiting] = []

    def reserve(self, tokens: int) -> None:
        """Reserve memory for the tokens to be loaded, started and fed."""
        self._cache.reserve(tokens)

    def load(self, states: Sequence[torch.Tensor]) -> None:
        """Start sequences from what ``save`` returned, before any others."""
        with model_errors(), torch.inference_mode():
            for saved in states:
                self._row.start([saved.shape[3]])
                self._cache.put(saved)

    def save(self, start: int, stop: int) -> torch.Tensor:
        """Return a copy of the keys and values of slots, (layers, 2, heads, slots, size)."""
        with model_errors(), torch.inference_mode():
            return self._cache.take(start, stop)

    @property
    def slots(self) -> int:
        """Length of the row so far."""
        return self._row.slots

    def start(self, rows: Sequence[Sequence[int]], images: Sequence[torch.Tensor]) -> None:
        """
        Start sequences with an image each; they run with the next ``feed``.

        :param rows: token ids, image tokens included, one row per sequence.
        :param images: (1, latents, width) for each sequence.
        """
        appended = self._row.start([len(row) for row in rows])
        self._waiting.append(_Waiting([*chain(*rows)], appended, torch.cat([*images])))

    def start_without_image(self, count: int) -> None:
        """Start sequences without a token yet, in which there will be no image."""
        self._row.start([0] * count)

    def shorten(self, lengths: Sequence[int]) -> None:
        """Cut each sequence down to its first ``lengths`` tokens."""
        self._row.shorten(lengths)

    @property
    def recorded(self) -> bool:
        """Whether single tokens run as a recorded step, and cost far less than several."""
        return self._step is not None

    def drop(self, count: int) -> None:
        """Take back the last tokens that were fed to a lone sequence."""
        self._row.drop(count)
        self._cache.drop(count)

    def select(self, indices: Sequence[int]) -> None:
        """Go on with some of the sequences only, in the given order, see ``PackedRow.select``."""
        self._row.select(indices)

    def feed(self, rows: Sequence[Sequence[int]], keep: int) -> torch.Tensor:
        """
        Append tokens to each sequence and run all that waits, in one pass.

        :param rows: new token ids, one row per sequence. Of one shorter than ``keep`` the first
            state is repeated at the beginning.
        :returns: (sequences, keep, width) hidden states behind each of the last ``keep`` tokens,
            which the next call may overwrite.
        :raises ModelError: also if the model computes NaN or infinity.
        """
        appended = self._row.append([len(row) for row in rows])
        before = sum(len(part.ids) for part in self._waiting)
        self._waiting.append(_Waiting([*chain(*rows)], appended, None))
        starts = appended.ends - [len(row) for row in rows]
        last = before + np.maximum(appended.ends[:, None] + np.arange(-keep, 0), starts[:, None])
        with model_errors(), torch.inference_mode():
            if self._step is not None and self._fits(self._step, appended):
                self._cache.make_room(1)
                result = self._step.feed(self._waiting[0].ids[0], self._row.slots - 1)
            else:
                hidden = self._run(self._waiting)
                picked = hidden[0, torch.from_numpy(last).to(self._device)]
                result = self._transformer.layer_norm(picked)
            sound = bool(torch.isfinite(result).all())
            if self._step is not None and not sound:
                self._step.clear()
        self._waiting = []
        if not sound:
            raise ModelError('the model computes NaN or infinity; try dtype float32')
        return result

    def _fits(self, step: FixedStep, appended: Appended) -> bool:
        """Tell whether only a single token of a lone sequence with known states waits."""
        return (
            self._row.slots <= step.room
            and len(self._waiting) == 1
            and appended.visible.shape[0] == 1
            and bool(appended.visible.all())
        )

    def _run(self, parts: Sequence[_Waiting]) -> torch.Tensor:
        """Run tokens through the layers; return (1, tokens, width), not normalised yet."""
        hidden = self._embed(parts)
        mask = self._mask([part.appended.visible for part in parts], hidden.dtype)
        self._cache.make_room(hidden.shape[1])
        for layer in self._transformer.layers:
            hidden = layer(hidden, mask, past_key_values=self._cache)
        return hidden

    def _embed(self, parts: Sequence[_Waiting]) -> torch.Tensor:
        ids = torch.tensor([[*chain(*(part.ids for part in parts))]], device=self._device)
        places = np.concatenate([part.appended.places for part in parts])
        # KOSMOS-2 counts positions from the id of the padding token.
        first = self._transformer.embed_positions.padding_idx + 1
        images = parts[0].image_embeds
        hidden: torch.Tensor = self._transformer.forward_embedding(
            ids,
            image_embeds=images,
            img_input_mask=None if images is None else self._image_mask(parts, len(places)),
            # Makes the table of positions long enough.
            past_key_values_length=int(places.max()),
            position_ids=torch.from_numpy(places + first).to(self._device),
        )
        return hidden

    def _image_mask(self, parts: Sequence[_Waiting], tokens: int) -> torch.Tensor:
        """Return (1, tokens) bool: the image tokens of the first part."""
        places = parts[0].appended.places
        mask = np.zeros((1, tokens), dtype=np.bool_)
        mask[0, : len(places)] = (places >= self._slots.start) & (places < self._slots.stop)
        return torch.from_numpy(mask).to(self._device)

    def _mask(self, visible: Sequence[Visible], dtype: torch.dtype) -> torch.Tensor | None:
        """Return the attention mask (1, 1, tokens, slots), None where none is needed."""
        if len(visible) == 1 and visible[0].all():
            return None
        seen = np.zeros((sum(map(len, visible)), visible[-1].shape[1]), dtype=np.bool_)
        before = 0
        for part in visible:
            seen[before : before + len(part), : part.shape[1]] = part
            before += len(part)
        hidden = torch.from_numpy(~seen).to(self._device)
        mask = torch.zeros(hidden.shape, dtype=dtype, device=self._device)
        return mask.masked_fill_(hidden, torch.finfo(dtype).min)[None, None]
