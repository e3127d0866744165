# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Boxes of phrases by constrained decoding.

After the phrase an ``<object>`` is forced: its probability says whether the thing is there at
all, and what follows it is where. Each box takes two steps of the decoder: one gives the upper
left corner (and whether the model would rather have stopped), one the lower right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kosmos_ros.backends.decoder import Decoder
from kosmos_ros.backends.decoding import (
    best_allowed,
    box_from_distributions,
    LogProbabilities,
    lower_right_cells,
    probability,
)
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.backend import Located, StopCheck
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grammar import Cell, CELL_COUNT, GrammarIds, Tag
from kosmos_ros.core.prompts import locate_prompt
from kosmos_ros.core.types import ScoredBox

_ANYWHERE = np.ones(CELL_COUNT, dtype=np.bool_)


def locate_phrases(
    decoder: Decoder,
    vocabulary: Kosmos2Vocabulary,
    phrases: Sequence[str],
    max_boxes: int,
    should_stop: StopCheck,
) -> tuple[Located, ...]:
    """
    Find phrases in the image of a fresh decoder, as one batch.

    :param decoder: with as many sequences as there are phrases, nothing fed yet.
    :param max_boxes: the most boxes of one phrase.
    :raises GroundingStoppedError: if ``should_stop()`` said so between two steps.
    :raises ModelError: if the model fails.
    """
    tags = vocabulary.ids.tags
    searches = [_Search(phrase, vocabulary.ids) for phrase in phrases]
    active = searches
    rows = [
        [*vocabulary.encode_prompt(locate_prompt(phrase)), tags[Tag.OBJECT]] for phrase in phrases
    ]
    while active:
        _check_stop(should_stop)
        for search, after_opening in zip(active, decoder.feed(rows, keep=2), strict=True):
            search.open(after_opening)
        active = _go_on(decoder, active, [search.wants_box for search in active])
        if not active:
            break
        _check_stop(should_stop)
        upper_lefts = [[search.upper_left_id] for search in active]
        for search, after_corner in zip(active, decoder.feed(upper_lefts, keep=1), strict=True):
            search.close(after_corner[0])
        active = _go_on(decoder, active, [search.may_have_more(max_boxes) for search in active])
        rows = [[search.lower_right_id, tags[Tag.DELIMITER]] for search in active]
    return tuple(search.result() for search in searches)


class _Search:
    """What was found of one phrase so far, and the box that is being read."""

    def __init__(self, phrase: str, ids: GrammarIds) -> None:
        self._phrase = phrase
        self._ids = ids
        self._cells = slice(ids.first_cell, ids.first_cell + CELL_COUNT)
        self._existence: float | None = None
        self._opening = 0.0
        self._upper_left = Cell(0)
        self._upper_left_log: LogProbabilities = np.zeros(CELL_COUNT, dtype=np.float32)
        self._found: list[tuple[Cell, Cell]] = []
        self._boxes: list[ScoredBox] = []
        self.wants_box = True

    @property
    def upper_left_id(self) -> int:
        """Token of the upper left corner that was read last."""
        return self._ids.first_cell + self._upper_left.index

    @property
    def lower_right_id(self) -> int:
        """Token of the lower right corner that was read last."""
        return self._ids.first_cell + self._found[-1][1].index

    def open(self, log: LogProbabilities) -> None:
        """
        Read whether there is a box, and its upper left corner.

        :param log: (2, vocabulary) log-probabilities, before and after the token that opens a box
            (``<object>`` for the first, the delimiter for others).
        """
        if self._existence is None:
            self._existence = probability(log[0, self._ids.tags[Tag.OBJECT]])
            self._opening = self._existence
        else:
            go_on = log[0, self._ids.tags[Tag.DELIMITER]]
            self._opening = probability(go_on)
            self.wants_box = bool(go_on > log[0, self._ids.tags[Tag.OBJECT_END]])
        self._upper_left_log = log[1, self._cells]
        self._upper_left = Cell(best_allowed(self._upper_left_log, _ANYWHERE))

    def close(self, log: LogProbabilities) -> None:
        """Read the lower right corner from what follows the upper left, (vocabulary,)."""
        lower_right_log = log[self._cells]
        allowed = lower_right_cells(self._upper_left)
        lower_right = Cell(best_allowed(lower_right_log, allowed))
        box, mass = box_from_distributions(
            self._upper_left, self._upper_left_log, lower_right, lower_right_log
        )
        self._found.append((self._upper_left, lower_right))
        self._boxes.append(ScoredBox(box, self._opening * mass, self._phrase))

    def may_have_more(self, max_boxes: int) -> bool:
        """Whether to ask for another box; one that was there before is dropped and ends it."""
        if self._found[-1] in self._found[:-1]:
            self._boxes.pop()
            return False
        return len(self._boxes) < max_boxes

    def result(self) -> Located:
        """Return what was found."""
        return Located(self._existence or 0.0, tuple(self._boxes))


def _go_on(decoder: Decoder, searches: list[_Search], wanted: list[bool]) -> list[_Search]:
    """Drop the finished searches from the decoder's batch and return the others."""
    if all(wanted):
        return searches
    indices = [index for index, want in enumerate(wanted) if want]
    if indices:
        decoder.keep_rows(indices)
    return [searches[index] for index in indices]


def _check_stop(should_stop: StopCheck) -> None:
    if should_stop():
        raise GroundingStoppedError('stopped while locating phrases')
