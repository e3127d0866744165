# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The backend that runs KOSMOS-2 checkpoints with transformers and torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch

from kosmos_ros.backends.decoder import Decoder, model_errors
from kosmos_ros.backends.image_input import pixel_values
from kosmos_ros.backends.loading import load_model, LoadedModel
from kosmos_ros.backends.locating import locate_phrases
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.writing import TokenRules, write_continuation
from kosmos_ros.core.backend import (
    EncodedFrame,
    Generation,
    Located,
    LocateQuery,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.calibration import Calibration
from kosmos_ros.core.grammar import Prompt
from kosmos_ros.core.images import RgbImage

MAX_BATCH = 8
"""Phrases per pass of the decoder; bounds the memory that many phrases take."""


@dataclass(frozen=True)
class TransformersFrame:
    """An image after the vision tower: (1, latents, width) image tokens of the text decoder."""

    image_embeds: torch.Tensor

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        return self.image_embeds.nbytes


class TransformersBackend:
    """
    Runs a loaded KOSMOS-2 model; used by one thread at a time.

    The image goes through the vision tower once; phrases and prompts of that image share it.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._rules = TokenRules(loaded.vocabulary, loaded.no_repeat_ngram_size)

    @classmethod
    def load(cls, settings: ModelSettings) -> TransformersBackend:
        """
        Load a model and make its backend.

        :raises ModelLoadError: if the checkpoint or the device cannot be used.
        :raises MissingDependencyError: if quantization lacks its package.
        """
        return cls(load_model(settings))

    @property
    def model_name(self) -> str:
        """Name, folder or hub id of the model, as it was asked for."""
        return self._loaded.name

    @property
    def vocabulary(self) -> Kosmos2Vocabulary:
        """The model's tokenizer."""
        return self._loaded.vocabulary

    @property
    def calibration(self) -> Calibration:
        """What the checkpoint's probabilities are worth."""
        return Calibration()

    def warm_up(self) -> None:
        """
        Run each part of the model once.

        :raises ModelError: if the model fails.
        """
        frames = self.encode([np.zeros((2, 2, 3), dtype=np.uint8)])
        self.locate([LocateQuery(frames[0], 'a')], 1, should_stop=lambda: False)

    def encode(self, images: Sequence[RgbImage]) -> tuple[TransformersFrame, ...]:
        """
        Run the vision tower once.

        :param images: each (H, W, 3) uint8 RGB, any size; squashed to the model's square.
        :raises ModelError: if the model fails.
        """
        model = self._loaded.model
        with model_errors(), torch.inference_mode():
            pixels = torch.cat(
                [pixel_values(self._loaded.image_processor, image) for image in images]
            )
            pixels = pixels.to(self._loaded.device, self._loaded.dtype)
            # The steps of Kosmos2ForConditionalGeneration.forward that precede the decoder.
            hidden = model.vision_model(pixel_values=pixels).last_hidden_state
            features = model.vision_model.model.post_layernorm(hidden)
            features = torch.nn.functional.normalize(features, dim=-1)
            image_embeds, _ = model.image_to_text_projection(features)
        return tuple(TransformersFrame(embeds[None]) for embeds in image_embeds)

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,  # noqa: ARG002
    ) -> tuple[Located, ...]:
        """
        Answer each query, up to ``MAX_BATCH`` of them in one pass.

        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        batches = [
            queries[start : start + MAX_BATCH] for start in range(0, len(queries), MAX_BATCH)
        ]
        found = (
            locate_phrases(
                self._decoder([query.frame for query in batch]),
                self.vocabulary,
                [query.phrase for query in batch],
                max_boxes,
                should_stop,
            )
            for batch in batches
        )
        return tuple(chain.from_iterable(found))

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """
        Continue a prompt greedily, with sound boxes only.

        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        return write_continuation(
            self._decoder([frame]),
            self._rules,
            self.vocabulary.encode_prompt(prompt),
            self.vocabulary.ids.eos,
            max_new_tokens,
            should_stop,
            on_token,
        )

    def _decoder(self, frames: Sequence[EncodedFrame]) -> Decoder:
        embeds = []
        for frame in frames:
            if not isinstance(frame, TransformersFrame):
                raise TypeError(f'expected a frame of this backend, got {type(frame).__name__}')
            embeds.append(frame.image_embeds)
        return Decoder(self._loaded.model, self.vocabulary, torch.cat(embeds))
