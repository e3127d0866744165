# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Parsing answers: from text, tags and cells, one by one, to phrases and boxes.

What is well formed is kept, the rest is left out and counted:

- a box is exactly two cells between ``<object>`` or a delimiter and the next control token, the
  second neither left of nor above the first, and belongs to the phrase right before its object;
- a box that the model did not finish, an object without a phrase, a phrase that is empty or not
  closed, a control token out of place and an id that is no token each count once;
- a phrase without an object is a phrase without boxes; a box that repeats an earlier one of its
  phrase is left out and not counted;
- the text of anything malformed remains in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Union

from kosmos_ros.core.model.cells import box_from_cells, box_from_corners, Corner
from kosmos_ros.core.model.grammar import Cell, Prompt, Tag
from kosmos_ros.core.types import Box


@dataclass(frozen=True)
class ParsedBox:
    """
    A box of the answer, normalised to the image that the model saw.

    It runs between the fine corners of its cells where both are known, else by the rule of whole
    cells. ``score`` (0..1) is the product of the probabilities of its tokens: the one that opened
    it and its two cells, as far as the model wrote them; ``given`` if all of it stood in the
    prompt.
    """

    box: Box
    score: float
    given: bool = False


@dataclass(frozen=True)
class ParsedPhrase:
    """
    A phrase at ``ParsedAnswer.text[start:end]`` (characters) with its boxes.

    ``existence`` is the probability (0..1) of its ``<object>`` token: 0 where there is none, 1
    where the prompt gave it.
    """

    text: str
    start: int
    end: int
    boxes: tuple[ParsedBox, ...] = ()
    existence: float = 0.0


@dataclass(frozen=True)
class ParsedAnswer:
    """
    Prompt and answer as one text without tags, white space around it removed.

    The answer itself begins at ``answer_start``; ``dropped`` counts what was malformed.
    """

    text: str
    phrases: tuple[ParsedPhrase, ...]
    dropped: int
    answer_start: int = 0

    def without_prompt(self) -> ParsedAnswer:
        """Return the answer alone, without the prompt's text and the phrases begun in it."""
        offset = self.answer_start
        phrases = tuple(
            replace(phrase, start=phrase.start - offset, end=phrase.end - offset)
            for phrase in self.phrases
            if phrase.start >= offset
        )
        return ParsedAnswer(self.text[offset:], phrases, self.dropped)


@dataclass(frozen=True)
class Piece:
    """A piece of text, a tag or a cell, and its probability; ``corner`` may refine a cell."""

    symbol: Union[str, Tag, Cell]
    probability: float
    corner: Corner | None = None
    given: bool = False


@dataclass
class _Draft:
    """A phrase that may still get boxes; its span is one of the unstripped text."""

    text: str
    start: int
    existence: float = 0.0
    boxes: dict[tuple[Cell, Cell], ParsedBox] = field(default_factory=dict)


class AnswerReader:
    """Reads a prompt, whose phrases and boxes are marked, not counted, then an answer's pieces."""

    # ``_phrase_start``, ``_named`` and ``_group`` tell what is open.

    def __init__(self, prompt: Prompt) -> None:
        self._text = ''
        self._drafts: list[_Draft] = []
        self._dropped = 0
        self._phrase_start: int | None = None
        self._named: _Draft | None = None  # the phrase that the next object belongs to
        self._group: list[Piece] | None = None  # what opened the current box, and its cells
        self._on_tag: dict[Tag, Callable[[Piece], None]] = {
            Tag.GROUNDING: self._read_grounding,
            Tag.PHRASE: self._read_phrase,
            Tag.PHRASE_END: self._read_phrase_end,
            Tag.OBJECT: self._read_object,
            Tag.OBJECT_END: self._read_object_end,
            Tag.DELIMITER: self._read_delimiter,
        }
        for part in prompt.parts:
            self.read(Piece(part, 1.0, given=True))
        self._answer_start = len(self._text)

    def read(self, piece: Piece) -> None:
        """Take the next piece."""
        if isinstance(piece.symbol, Tag):
            self._on_tag[piece.symbol](piece)
        elif isinstance(piece.symbol, Cell):
            self._read_cell(piece)
        else:
            self._read_text(piece.symbol)

    def read_unknown(self) -> None:
        """Take an id that is none of the vocabulary."""
        self._close_object()
        self._dropped += 1

    def finish(self) -> None:
        """Close what the model left open."""
        self._close_object()
        self._abandon_phrase()

    def answer(self) -> ParsedAnswer:
        """Return what was read so far, without phrases and boxes that are not closed yet."""
        text = self._text.strip()
        lead = len(self._text) - len(self._text.lstrip())
        tail = self._text[self._answer_start :]
        answer_start = self._answer_start + len(tail) - len(tail.lstrip()) - lead
        phrases = tuple(
            ParsedPhrase(
                text=draft.text,
                start=draft.start - lead,
                end=draft.start - lead + len(draft.text),
                boxes=tuple(draft.boxes.values()),
                existence=draft.existence,
            )
            for draft in self._drafts
        )
        return ParsedAnswer(text, phrases, self._dropped, min(max(0, answer_start), len(text)))

    def _read_text(self, text: str) -> None:
        self._close_object()
        self._text += text
        if text.strip():
            self._named = None

    def _read_cell(self, piece: Piece) -> None:
        if self._group is None:
            self._dropped += 1
        else:
            self._group.append(piece)

    def _read_grounding(self, piece: Piece) -> None:
        self._close_object()
        if not piece.given:
            self._dropped += 1

    def _read_phrase(self, _: Piece) -> None:
        self._close_object()
        self._abandon_phrase()
        self._named = None
        self._phrase_start = len(self._text)

    def _read_phrase_end(self, _: Piece) -> None:
        self._close_object()
        if self._phrase_start is None:
            self._dropped += 1
            return
        content = self._text[self._phrase_start :]
        if content.strip():
            start = self._phrase_start + len(content) - len(content.lstrip())
            self._named = _Draft(content.strip(), start)
            self._drafts.append(self._named)
        else:
            self._dropped += 1
        self._phrase_start = None

    def _read_object(self, piece: Piece) -> None:
        self._close_object()
        self._abandon_phrase()
        self._group = [piece]
        if self._named is not None and not self._named.existence:
            self._named.existence = piece.probability

    def _read_delimiter(self, piece: Piece) -> None:
        if self._group is None:
            self._dropped += 1
            return
        self._close_object()
        self._group = [piece]

    def _read_object_end(self, _: Piece) -> None:
        if self._group is None:
            self._dropped += 1
        self._close_object()

    def _abandon_phrase(self) -> None:
        if self._phrase_start is not None:
            self._dropped += 1
            self._phrase_start = None

    def _close_object(self) -> None:
        if self._group is not None:
            self._add_box(self._group)
            self._group = None

    def _add_box(self, group: list[Piece]) -> None:
        cells = [piece.symbol for piece in group[1:] if isinstance(piece.symbol, Cell)]
        if self._named is None or len(cells) != 2:
            self._dropped += 1
            return
        first, second = group[1].corner, group[2].corner
        try:
            if first is None or second is None:
                box = box_from_cells(cells[0], cells[1])
            else:
                box = box_from_corners(cells[0], first, cells[1], second)
        except ValueError:
            self._dropped += 1
            return
        score = group[0].probability * group[1].probability * group[2].probability
        parsed = ParsedBox(box, score, all(piece.given for piece in group))
        self._named.boxes.setdefault((cells[0], cells[1]), parsed)
