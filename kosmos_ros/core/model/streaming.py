# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
An answer from its tokens, whole or while it is being written: text without tags, phrases, boxes.

Token ids are read, never their spelling, so that no text can pass for a tag.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kosmos_ros.core.images.turning import turn_back, turn_detections, turn_phrases
from kosmos_ros.core.model.answer_reader import AnswerReader, ParsedAnswer, Piece
from kosmos_ros.core.model.backend import GeneratedToken, Generation, Vocabulary
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.types import Phrase, ScoredBox

_INCOMPLETE = '\ufffd'
"""What decoders write for a character of which some bytes are still to come."""


@dataclass(frozen=True)
class Progress:
    """
    How far an answer is; each begins with the text of the one before.

    ``tokens`` counts those written so far, tags among them. ``phrases`` and ``detections`` are
    the finished ones, as ``Grounding`` has them.
    """

    tokens: int
    text: str
    phrases: tuple[Phrase, ...]
    detections: tuple[ScoredBox, ...]


ProgressListener = Callable[[Progress], None]
"""Called after each token with the answer so far."""


def turned_back(listener: ProgressListener | None, rotation: int) -> ProgressListener | None:
    """Return a listener that maps progress back to the image before it was turned."""
    if listener is None or not rotation:
        return listener
    back = turn_back(rotation)

    def listen(progress: Progress) -> None:
        phrases = turn_phrases(progress.phrases, back)
        detections = turn_detections(progress.detections, back)
        listener(replace(progress, phrases=phrases, detections=detections))

    return listen


class AnswerStream:
    """Reads the tokens of an answer one by one; any ids at all, none of them makes it fail."""

    def __init__(self, prompt: Prompt, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._ids = vocabulary.ids
        self._tags = {token_id: tag for tag, token_id in self._ids.tags.items()}
        self._reader = AnswerReader(prompt)
        self._run: list[int] = []  # text tokens since the last tag or cell: decoded together
        self._read_of_run = ''
        self._ended = False

    def read(self, token: GeneratedToken) -> None:
        """Take the next token; what follows the end token is ignored."""
        self._ended = self._ended or token.id == self._ids.eos
        if self._ended or token.id in (self._ids.bos, self._ids.pad):
            return
        symbol = self._tags.get(token.id) or self._ids.cell_of(token.id)
        if symbol is None and 0 <= token.id < self._ids.size:
            self._run.append(token.id)
            return
        self._read_text(self._vocabulary.decode(self._run))
        self._run, self._read_of_run = [], ''
        if symbol is None:
            self._reader.read_unknown()
        else:
            self._reader.read(Piece(symbol, token.probability, token.corner))

    def so_far(self) -> ParsedAnswer:
        """Return what is certain by now: no half characters, no open phrases and boxes."""
        self._read_text(self._vocabulary.decode(self._run).rstrip(_INCOMPLETE))
        return self._reader.answer()

    def finish(self) -> ParsedAnswer:
        """Return the whole answer; there must be no more tokens."""
        self._read_text(self._vocabulary.decode(self._run))
        self._reader.finish()
        return self._reader.answer()

    def _read_text(self, text: str) -> None:
        """Read what is new in the text of the run."""
        if self._run and text.startswith(self._read_of_run):
            self._reader.read(Piece(text[len(self._read_of_run) :], 1.0))
            self._read_of_run = text


def parse(prompt: Prompt, generation: Generation, vocabulary: Vocabulary) -> ParsedAnswer:
    """Read what a model wrote after a prompt, as ``AnswerStream`` does."""
    stream = AnswerStream(prompt, vocabulary)
    for token in generation.tokens:
        stream.read(token)
    return stream.finish()
