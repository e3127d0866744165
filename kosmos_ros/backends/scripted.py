# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A backend that answers from a script: for tests of everything above the model.

    backend = ScriptedBackend(
        located={'the red cube': located('the red cube', Box(0.1, 0.1, 0.3, 0.3))},
        generated={'<grounding> An image of': ' a table.'},
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import re
import time
from typing import Union

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import (
    check_stop,
    EncodedFrame,
    GeneratedToken,
    Generation,
    Located,
    LocateQuery,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.calibration import Calibration, SCALINGS
from kosmos_ros.core.model.grammar import CELL_COUNT, GrammarIds, Prompt, Tag
from kosmos_ros.core.types import Box, ScoredBox

NOTHING = Located(existence=0.0, boxes=())

LocateScript = Union[Mapping[str, Located], Callable[[str], Located]]
"""Phrase -> where it is; phrases missing in a mapping are nowhere."""

GenerateScript = Union[Mapping[str, str], Callable[[Prompt], str]]
"""Prompt (in a mapping: spelled out) -> what is written after it, tags and cells spelled out."""

_PIECE = re.compile(
    r'<patch_index_(?P<cell>\d{4})>|(?P<tag>'
    + '|'.join(re.escape(tag.value) for tag in Tag)
    + r')|(?P<word>\s*[^\s<]+|\s+|<)'
)
_POLL_SECONDS = 0.002
_MOST_WORDS = 1_000_000
_AS_SCRIPTED = Calibration(fitted=SCALINGS)


def located(phrase: str, *boxes: Box, existence: float = 0.95, score: float = 0.9) -> Located:
    """Make a ``Located`` for a script: ``boxes`` of ``phrase``, all with the same score."""
    scored = tuple(ScoredBox(box=box, score=score, label=phrase) for box in boxes)
    return Located(existence=existence, boxes=scored)


class WordVocabulary:
    """
    A vocabulary of whole words, which grows with the text.

    Words keep the spaces before them, so that decoding is exact.
    """

    def __init__(self) -> None:
        first_tag = 4
        tags = {tag: first_tag + index for index, tag in enumerate(Tag)}
        first_cell = first_tag + len(tags)
        self._first_word = first_cell + CELL_COUNT
        size = self._first_word + _MOST_WORDS
        self._ids = GrammarIds(bos=0, pad=1, eos=2, tags=tags, first_cell=first_cell, size=size)
        self._words: list[str] = []

    @property
    def ids(self) -> GrammarIds:
        """Ids of the grammar's control tokens."""
        return self._ids

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the ids of text in which tags and cells are spelled out."""
        return tuple(self._id_of(match) for match in _PIECE.finditer(text))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the plain text of ids, leading space kept, control tokens left out."""
        words = (token_id - self._first_word for token_id in token_ids)
        return ''.join(self._words[word] for word in words if 0 <= word < len(self._words))

    def knows(self, word: str) -> bool:  # noqa: ARG002  it is made up of all words
        """Tell whether a word is in the vocabulary."""
        return True

    def _id_of(self, match: re.Match[str]) -> int:
        if match['cell'] is not None:
            return self._ids.first_cell + int(match['cell'])
        if match['tag'] is not None:
            return self._ids.tags[Tag(match['tag'])]
        if match['word'] not in self._words:
            self._words.append(match['word'])
        return self._first_word + self._words.index(match['word'])


@dataclass
class Calls:
    """What a ``ScriptedBackend`` was asked, in order."""

    encoded: list[tuple[int, ...]] = field(default_factory=list)
    """Shapes of the images."""
    located: list[tuple[str, ...]] = field(default_factory=list)
    """Phrases of each ``locate``."""
    generated: list[str] = field(default_factory=list)
    """Prompts of each ``generate``, spelled out."""
    warmed_up: int = 0
    """How often ``warm_up`` was called."""


@dataclass(frozen=True)
class ScriptedFrame:
    """An image, unchanged."""

    image: RgbImage

    @property
    def nbytes(self) -> int:
        """Bytes of the image."""
        return self.image.nbytes


class ScriptedBackend:
    """
    A backend with prescribed answers.

    :param located: where phrases are.
    :param generated: what is written after prompts; nothing after unknown ones.
    :param errors: raised by the first calls of ``locate`` or ``generate``, one each.
    :param seconds: how long each answer takes; ``math.inf`` hangs until ``should_stop()``.
    :param token_seconds: how long each token of a text takes.
    :param probability: of each generated token (0..1).
    :param calibration: of the probabilities; by default they are right as they are.
    """

    def __init__(
        self,
        located: LocateScript | None = None,
        generated: GenerateScript | None = None,
        errors: Sequence[Exception] = (),
        seconds: float = 0.0,
        token_seconds: float = 0.0,
        probability: float = 0.9,
        calibration: Calibration = _AS_SCRIPTED,
    ) -> None:
        self.calls = Calls()
        self._located = {} if located is None else located
        self._generated = {} if generated is None else generated
        self._errors = list(errors)
        self._seconds = seconds
        self._token_seconds = token_seconds
        self._probability = probability
        self._calibration = calibration
        self._vocabulary = WordVocabulary()

    @property
    def model_name(self) -> str:
        """Name of the model, for the answer."""
        return 'scripted'

    @property
    def vocabulary(self) -> WordVocabulary:
        """Words of the script."""
        return self._vocabulary

    @property
    def calibration(self) -> Calibration:
        """As given."""
        return self._calibration

    def warm_up(self) -> None:
        """Count the call."""
        self.calls.warmed_up += 1

    def encode(self, images: Sequence[RgbImage]) -> tuple[ScriptedFrame, ...]:
        """Keep the images."""
        self.calls.encoded += [image.shape for image in images]
        return tuple(ScriptedFrame(image) for image in images)

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        """Look the phrases up, at most ``max_boxes`` boxes and ``alternatives`` each."""
        self.calls.located.append(tuple(query.phrase for query in queries))
        self._work(should_stop)
        return tuple(self._locate_one(query.phrase, max_boxes, alternatives) for query in queries)

    def generate(
        self,
        frame: EncodedFrame,  # noqa: ARG002
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Write the script's answer, token by token."""
        self.calls.generated.append(str(prompt))
        self._work(should_stop)
        ids = self._vocabulary.encode(self._continuation(prompt))
        tokens = tuple(GeneratedToken(token_id, self._probability) for token_id in ids)
        for token in tokens[:max_new_tokens]:
            _wait(self._token_seconds, should_stop)
            on_token(token)
        return Generation(tokens[:max_new_tokens], finished=len(tokens) <= max_new_tokens)

    def _locate_one(self, phrase: str, max_boxes: int, alternatives: int) -> Located:
        script = self._located
        found = script(phrase) if callable(script) else script.get(phrase, NOTHING)
        return replace(
            found,
            boxes=found.boxes[:max_boxes],
            cells=found.cells[:max_boxes],
            alternatives=found.alternatives[:alternatives],
        )

    def _continuation(self, prompt: Prompt) -> str:
        script = self._generated
        return script(prompt) if callable(script) else script.get(str(prompt), '')

    def _work(self, should_stop: StopCheck) -> None:
        if self._errors:
            raise self._errors.pop(0)
        _wait(self._seconds, should_stop)


class _ForgetfulBackend(ScriptedBackend):
    """Keeps as little of an image as a model does."""

    def encode(self, images: Sequence[RgbImage]) -> tuple[ScriptedFrame, ...]:
        return super().encode([image[:1, :1].copy() for image in images])


def instant_backend(_: object) -> ScriptedBackend:
    """Return a backend that finds everything in the middle, at once."""
    return _ForgetfulBackend(lambda phrase: located(phrase, Box(0.25, 0.25, 0.75, 0.75)))


def _wait(seconds: float, should_stop: StopCheck) -> None:
    end = time.monotonic() + seconds
    check_stop(should_stop, 'as it was told')
    while time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
        check_stop(should_stop, 'as it was told')
