# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The one interface behind which models run.

Recorders, caches, remote runners and fakes implement or wrap it. A backend is used by one thread
at a time; whoever shares it serialises the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kosmos_ros.core.grammar import GrammarIds, Prompt
from kosmos_ros.core.images import RgbImage
from kosmos_ros.core.types import ScoredBox

StopCheck = Callable[[], bool]
"""Asked between decode steps; true ends the work with ``GroundingStoppedError``."""


@dataclass(frozen=True)
class GeneratedToken:
    """
    A token the model wrote and the probability (0..1) it gave it.

    A location token's is that of the 3x3 cells around it: a model that is sure of a corner may
    still share it out among neighbouring cells.
    """

    id: int
    probability: float


TokenListener = Callable[[GeneratedToken], None]
"""Called with each token as soon as it is chosen."""


@dataclass(frozen=True)
class Generation:
    """Tokens written after the prompt, without the end token; ``finished`` if the model ended."""

    tokens: tuple[GeneratedToken, ...]
    finished: bool


@dataclass(frozen=True)
class Located:
    """
    Where one phrase is.

    ``existence`` is the probability (0..1) that the phrase's object is in the image at all;
    ``boxes`` are normalised to the encoded image, in the model's order, and come whatever the
    existence says: refusing is the caller's decision.
    """

    existence: float
    boxes: tuple[ScoredBox, ...]


class EncodedFrame(Protocol):
    """An image as the model holds it; opaque to everyone but the backend that made it."""


class Vocabulary(Protocol):
    """What a parser needs to know of a model's tokenizer."""

    @property
    def ids(self) -> GrammarIds:
        """Ids of the grammar's control tokens."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the plain text of ids, leading space kept; control tokens have none."""
        ...


class Backend(Protocol):
    """Runs a KOSMOS-2 model."""

    @property
    def model_name(self) -> str:
        """Hub id or folder of the model, for the answer."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's tokenizer as far as the core needs it."""
        ...

    def encode(self, image: RgbImage) -> EncodedFrame:
        """
        Run the vision tower once.

        :param image: (H, W, 3) uint8 RGB, C-contiguous, any size.
        :raises ModelError: if the model fails.
        """
        ...

    def locate(
        self,
        frame: EncodedFrame,
        phrases: Sequence[str],
        max_boxes: int,
        should_stop: StopCheck,
    ) -> tuple[Located, ...]:
        """
        Find each phrase in the frame.

        :param phrases: plain text, taken literally.
        :param max_boxes: the most boxes of one phrase, at least 1.
        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        ...

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """
        Continue a prompt greedily.

        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        ...
