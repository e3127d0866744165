# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Models that answer as published, and verifications of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kosmos_ros.backends.scripted import ScriptedBackend, ScriptedFrame
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import (
    EncodedFrame,
    Generation,
    Located,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, Prompt
from kosmos_ros.core.model.model_facts import ModelFacts
from kosmos_ros.core.types import ScoredBox
from kosmos_ros.verification.asking import answer_times, ask_again
from kosmos_ros.verification.outcome import ModelKind, Verification
from kosmos_ros.verification.pictures import saved_as_jpeg
from kosmos_ros.verification.transcripts import published_answers, Transcript

SNOWMAN = (Cell(44), Cell(863))

Changed = Callable[[Transcript], str]
"""What a model writes after the prompt of a transcript."""


class PublishedBackend(ScriptedBackend):
    """
    Answers as published, also differently about a picture that was saved as JPEG.

    :param image: the picture, (H, W, 3) uint8 RGB, as in the file.
    :param quantization: whose transcripts it answers by.
    :param written: what it writes instead.
    """

    def __init__(
        self,
        image: RgbImage,
        quantization: str = 'none',
        written: Changed = lambda one: one.continuation,
        cells: tuple[Cell, Cell] = SNOWMAN,
    ) -> None:
        box = ScoredBox(box_from_cells(*cells), 0.9)
        super().__init__(lambda _: Located(existence=0.95, boxes=(box,), cells=(cells,)))
        self._jpeg = saved_as_jpeg(image)
        self._answers = {
            (one.prompt, one.saved_as_jpeg): written(one)
            for one in published_answers().of_weights(quantization)
            if not one.locate
        }

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Write what was published about the frame's picture."""
        assert isinstance(frame, ScriptedFrame)
        is_jpeg = np.array_equal(frame.image, self._jpeg)
        self._generated = {str(prompt): self._answers[str(prompt), is_jpeg]}
        return super().generate(frame, prompt, max_new_tokens, should_stop, on_token)


def one_word_else(one: Transcript) -> str:
    """Return the published answer, in the detailed caption of the PNG but for one word."""
    if one.name == 'detailed caption' and not one.saved_as_jpeg:
        return one.continuation.replace(' cozy', ' snug')
    return one.continuation


@pytest.fixture(scope='session')
def snow() -> RgbImage:
    """Return a picture of noise, which differs once it was saved as JPEG."""
    return np.random.default_rng(3).integers(0, 256, (60, 80, 3), dtype=np.uint8)


Verify = Callable[..., Verification]


@pytest.fixture(scope='session')
def verify_model(snow: RgbImage) -> Verify:
    """Return a function that verifies a backend: ``verify(backend, kind=..., precision=...)``."""

    def verify(
        backend: ScriptedBackend,
        kind: ModelKind = ModelKind.PUBLISHED,
        quantization: str = 'none',
        precision: str = 'float32',
    ) -> Verification:
        published = published_answers()
        transcripts = published.of_weights(quantization)
        images = {'snowman.png': snow, 'snowman.png, saved as JPEG': saved_as_jpeg(snow)}
        answers = list(ask_again(backend, transcripts, images))
        return Verification(
            name='somebody/model',
            kind=kind,
            facts=ModelFacts('a model', 'cpu', precision, 1.5),
            quantization=quantization,
            answers=answers,
            times=answer_times(backend, snow, answers),
            sources=published.sources,
            machine={'cpu': 'A <fast> CPU', 'cores': 2},
            when='2026-01-01 00:00 UTC',
            peak_bytes=7_000_000_000,
            gpu_bytes=0,
        )

    return verify
