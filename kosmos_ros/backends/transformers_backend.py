# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The backend that runs KOSMOS-2 checkpoints with transformers and torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import torch

from kosmos_ros.backends.decoder import Decoder, model_errors
from kosmos_ros.backends.image_input import pixel_values
from kosmos_ros.backends.loading import load_model, LoadedModel
from kosmos_ros.backends.locating import locate_phrases
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.writing import TokenRules, write_continuation
from kosmos_ros.core.backend import EncodedFrame, Generation, Located, StopCheck, TokenListener
from kosmos_ros.core.grammar import Prompt
from kosmos_ros.core.images import RgbImage

MAX_BATCH = 8
"""Phrases per pass of the decoder; bounds the memory that many phrases take."""


@dataclass(frozen=True)
class TransformersFrame:
    """An image after the vision tower: (1, latents, width) image tokens of the text decoder."""

    image_embeds: torch.Tensor


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

    def encode(self, image: RgbImage) -> TransformersFrame:
        """
        Run the vision tower once.

        :param image: (H, W, 3) uint8 RGB, any size; it is squashed to the model's square.
        :raises ModelError: if the model fails.
        """
        model = self._loaded.model
        with model_errors(), torch.inference_mode():
            pixels = pixel_values(self._loaded.image_processor, image)
            pixels = pixels.to(self._loaded.device, self._loaded.dtype)
            # The steps of Kosmos2ForConditionalGeneration.forward that precede the decoder.
            hidden = model.vision_model(pixel_values=pixels).last_hidden_state
            features = model.vision_model.model.post_layernorm(hidden)
            features = torch.nn.functional.normalize(features, dim=-1)
            image_embeds, _ = model.image_to_text_projection(features)
        return TransformersFrame(image_embeds)

    def locate(
        self,
        frame: EncodedFrame,
        phrases: Sequence[str],
        max_boxes: int,
        should_stop: StopCheck,
    ) -> tuple[Located, ...]:
        """
        Find each phrase in the frame, up to ``MAX_BATCH`` phrases in one pass.

        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        batches = [
            phrases[start : start + MAX_BATCH] for start in range(0, len(phrases), MAX_BATCH)
        ]
        found = (
            locate_phrases(
                self._decoder(frame, len(batch)), self.vocabulary, batch, max_boxes, should_stop
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
            self._decoder(frame, 1),
            self._rules,
            self.vocabulary.encode_prompt(prompt),
            self.vocabulary.ids.eos,
            max_new_tokens,
            should_stop,
            on_token,
        )

    def _decoder(self, frame: EncodedFrame, size: int) -> Decoder:
        if not isinstance(frame, TransformersFrame):
            raise TypeError(f'expected a frame of this backend, got {type(frame).__name__}')
        return Decoder(self._loaded.model, self.vocabulary, frame.image_embeds, size)
