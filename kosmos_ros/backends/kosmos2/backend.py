# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The backend that runs KOSMOS-2 checkpoints with transformers and torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import torch

from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder, model_errors
from kosmos_ros.backends.kosmos2.decoding.fixed_step import FixedStep, recorded_step
from kosmos_ros.backends.kosmos2.decoding.halving import run_in_halves
from kosmos_ros.backends.kosmos2.frames import as_frame, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.kosmos2.locator import Locator
from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.backends.kosmos2.witness import Witness
from kosmos_ros.backends.kosmos2.writer import Writer
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import (
    EncodedFrame,
    Generation,
    Located,
    LocateQuery,
    queries_about,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.prompts import describe_prompt
from kosmos_ros.core.model.signals import includes

MAX_BATCH = 8
"""Phrases per pass: enough for arithmetic to be the limit, few enough to be able to stop soon."""

_STEP_ROOM = 384
"""Tokens of a prompt and an answer up to which recorded steps can be used."""


class TransformersBackend:
    """
    Runs a loaded KOSMOS-2 model; used by one thread at a time.

    An image runs through the vision tower once, and the common beginning of its prompts through
    the decoder once, however many questions follow.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded = loaded
        self.model_name = loaded.name
        self.vocabulary = loaded.vocabulary
        self.calibration = loaded.calibration
        self._head = OutputHead(loaded.model, loaded.vocabulary)
        self._writer = Writer(
            self._head, loaded.vocabulary, loaded.no_repeat_ngram_size, loaded.most_guesses
        )
        self._witness = Witness(self._decoder, self._head, loaded.vocabulary, self._writer)
        self.signals = loaded.signals
        """The level of signals of existence to measure, '' for none."""
        self._step: FixedStep | None = None

    @classmethod
    def load(cls, settings: ModelSettings) -> TransformersBackend:
        """Load a model, see ``load_model``, and make its backend."""
        return cls(load_model(settings))

    def warm_up(self) -> None:
        """Run each part of the model once, and record single steps where that helps on a GPU."""
        (frame,) = self.encode([np.zeros((2, 2, 3), dtype=np.uint8)])
        for phrases in (['a'], ['a'], ['a', 'b']):
            self.locate(queries_about(frame, phrases), 1, _never)
        self.locate(queries_about(frame, ['a']), 2, _never, alternatives=1)
        if self._step is None and frame.prefix is not None:
            transformer = self.loaded.model.text_model.model
            self._step = recorded_step(transformer, frame.prefix.states, _STEP_ROOM)
        self.generate(frame, describe_prompt(detailed=False), 2, _never, lambda _: None)

    @property
    def single_steps_recorded(self) -> bool:
        """Whether single tokens take a recorded CUDA graph."""
        return self._step is not None

    def record_no_steps(self) -> None:
        """Run single tokens as all others, to compare both."""
        self._step = None

    def encode(self, images: Sequence[RgbImage]) -> tuple[TransformersFrame, ...]:
        """Run the vision tower once, in two halves where a GPU lacks the memory."""
        return run_in_halves(self._encode, images)

    def _encode(self, images: Sequence[RgbImage]) -> tuple[TransformersFrame, ...]:
        model = self.loaded.model
        with model_errors(), torch.inference_mode():
            processor = self.loaded.image_processor
            pixels = torch.cat([pixel_values(processor, image) for image in images])
            pixels = pixels.to(self.loaded.device, self.loaded.dtype)
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
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        """Answer up to ``MAX_BATCH`` queries a pass, half as many where a GPU lacks the memory."""
        batches = [
            queries[start : start + MAX_BATCH] for start in range(0, len(queries), MAX_BATCH)
        ]

        def run(batch: Sequence[LocateQuery]) -> Sequence[Located]:
            locator = Locator(
                self._decoder(), self._head, self.vocabulary, max_boxes, alternatives, self.signals
            )
            frames = [as_frame(query.frame) for query in batch]
            phrases = [query.phrase for query in batch]
            found = locator.locate(frames, phrases, should_stop)
            if not includes(self.signals, 'phrase'):
                return found
            return self._witness.testify(
                self.signals, found, locator.heard, frames, phrases, should_stop
            )

        return tuple(chain.from_iterable(run_in_halves(run, batch) for batch in batches))

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Continue a prompt greedily, with well-formed boxes only."""
        ids = self.vocabulary.encode_prompt(prompt)
        return self._writer.write(
            self._decoder(), as_frame(frame), ids, max_new_tokens, should_stop, on_token
        )

    def _decoder(self) -> Decoder:
        return Decoder(self.loaded.model, self.vocabulary.image.slots, self._step)


def _never() -> bool:
    return False
