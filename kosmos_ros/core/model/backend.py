# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The interface of everything that runs a model.

Recorders, caches, remote runners and fakes implement or wrap it. A backend is used by one thread
at a time; whoever shares it serialises the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.model.cells import Corner
from kosmos_ros.core.model.grammar import Cell, GrammarIds, Prompt
from kosmos_ros.core.model.signals import Signals
from kosmos_ros.core.types import Box, ScoredBox

StopCheck = Callable[[], bool]
"""Asked between decode steps; true ends the work with ``GroundingStoppedError``."""


def check_stop(should_stop: StopCheck, what: str) -> None:
    """
    End the work if that is wanted.

    :param what: what was being done, or how far it came, as in 'while locating phrases'.
    :raises GroundingStoppedError: if so.
    """
    if should_stop():
        raise GroundingStoppedError(f'stopped {what}')


@dataclass(frozen=True)
class GeneratedToken:
    """
    A token the model wrote, and its probability (0..1).

    In text that is its probability among all tokens, inside ``<object>`` among those that the
    grammar of boxes allows there. A location token's is that of the 3x3 cells around it: a model
    that is sure of a corner may still share it out among neighbouring cells. ``corner`` tells
    where between the cells it means, None for other tokens and where only the cell is known.
    """

    id: int
    probability: float
    corner: Corner | None = None

    def __post_init__(self) -> None:
        """Reject what is no probability."""
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f'a probability is within 0..1, got {self.probability}')


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

    ``existence`` is the probability (0..1) that the phrase's object is in the image, which is that
    of ``<object>`` behind the phrase; ``boxes`` are normalised to the encoded image, in the
    model's order, and come whatever the existence: refusing is the caller's decision. A box's
    score is the existence, of further boxes the probability that one comes rather than the end,
    times the probabilities of the 3x3 cells around its two corners, given that locations come.
    ``cells`` are the location tokens of each box, upper left and lower right, where the backend
    has them. ``alternatives`` are other places of the first box, most probable first, as many as
    were asked for or fewer; they overlap the first box and each other by an IoU below 0.5.
    ``location_mass`` is the probability (0..1) that a location token comes first where one has to:
    low in a model that was never trained to ground. ``signals`` are other signs that the object is
    in the image, None where the backend measures none: only a model whose calibration has a fusion
    of them needs them. ``places`` are the probabilities of the first box's upper left corner in
    each of 16x16 parts of the image, row by row, () where the backend does not tell.

    Probabilities are the model's own, before any calibration.
    """

    existence: float
    boxes: tuple[ScoredBox, ...]
    cells: tuple[tuple[Cell, Cell], ...] = ()
    alternatives: tuple[ScoredBox, ...] = ()
    location_mass: float = 1.0
    signals: Signals | None = None
    places: tuple[float, ...] = ()

    def moved(self, onto: Callable[[Box], Box]) -> Located:
        """Return it with its boxes mapped onto another image."""

        def placed(boxes: tuple[ScoredBox, ...]) -> tuple[ScoredBox, ...]:
            return tuple(replace(one, box=onto(one.box)) for one in boxes)

        return replace(self, boxes=placed(self.boxes), alternatives=placed(self.alternatives))


class EncodedFrame(Protocol):
    """An encoded image; opaque to all but the backend that made it."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes by now; may grow when the frame is asked about."""


@dataclass(frozen=True)
class LocateQuery:
    """What to look for, as plain text taken literally, and in which frame."""

    frame: EncodedFrame
    phrase: str


def queries_about(frame: EncodedFrame, phrases: Iterable[str]) -> tuple[LocateQuery, ...]:
    """Look for several phrases in one frame."""
    return tuple(LocateQuery(frame, phrase) for phrase in phrases)


class Vocabulary(Protocol):
    """What a parser needs to know of a model's tokenizer."""

    @property
    def ids(self) -> GrammarIds:
        """Ids of the grammar's control tokens."""

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the plain text of ids, leading space kept; control tokens have none."""

    def knows(self, word: str) -> bool:
        """Tell whether a word is made of pieces that mean something, rather than spelled out."""


class Backend(Protocol):
    """
    Runs a KOSMOS-2 model.

    A model that fails raises ``ModelError``; ``locate`` and ``generate`` raise
    ``GroundingStoppedError`` if ``should_stop()`` said so.
    """

    @property
    def model_name(self) -> str:
        """Hub id or folder of the model, for the answer."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's tokenizer as far as the core needs it."""

    @property
    def calibration(self) -> Calibration:
        """How to calibrate the model's probabilities; applied by the caller."""

    def warm_up(self) -> None:
        """Do once what would make the first answers slower."""

    def encode(self, images: Sequence[RgbImage]) -> tuple[EncodedFrame, ...]:
        """Run the vision tower once on images together, each (H, W, 3) uint8 RGB of any size."""

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        """
        Answer all queries in one batch: phrases of one frame as well as several frames.

        :param max_boxes: the most boxes of one phrase, at least 1.
        :param alternatives: the most other places of a phrase's first box.
        """

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Continue a prompt greedily."""
