# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Boxes of phrases by constrained decoding.

After the phrase an ``<object>`` is forced: its probability says whether the object is there, and
the locations behind it say where. Each box takes two passes of the decoder: one gives the upper
left corner (and whether the model would rather have stopped), one the lower right. Forced tokens
take no pass of their own: ``<object>`` and the delimiter run together with the tokens before them,
and ``</object>`` never runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from kosmos_ros.backends.kosmos2.alternatives import corners_to_follow, other_places
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    best_cell,
    box_from_distributions,
    LogProbabilities,
    lower_right_cells,
    places,
    probability,
)
from kosmos_ros.backends.kosmos2.signals import free_signals, log_likelihoods, phrase_length
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.model.backend import check_stop, Located, StopCheck
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, Tag
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.core.model.signals import includes
from kosmos_ros.core.types import ScoredBox

_WHAT = 'while locating phrases'


class Locator:
    """
    Finds phrases, all of them together, with at most so many boxes and alternatives each.

    :param signals: the level of signals to measure, '' for none; those that are no by-product of
        locating are left to ``Witness``.
    """

    def __init__(
        self,
        decoder: Decoder,
        head: OutputHead,
        vocabulary: Kosmos2Vocabulary,
        max_boxes: int,
        alternatives: int = 0,
        signals: str = '',
    ) -> None:
        self._decoder = decoder
        self._head = head
        self._vocabulary = vocabulary
        self._tags, self._first_cell = vocabulary.ids.tags, vocabulary.ids.first_cell
        self._max_boxes = max_boxes
        self._alternatives = alternatives
        self._signals = bool(signals)
        self._hears = includes(signals, 'phrase')
        self.heard: list[tuple[float, ...]] = []
        """Log-probabilities of the tokens of each phrase behind its image, if measured."""

    def locate(
        self, frames: Sequence[TransformersFrame], phrases: Sequence[str], should_stop: StopCheck
    ) -> tuple[Located, ...]:
        """Find each phrase in its frame; to be called once. Raises as ``Backend.locate`` does."""
        searches = active = [_Search(phrase) for phrase in phrases]
        check_stop(should_stop, _WHAT)
        self._ask(frames, searches)
        check_stop(should_stop, _WHAT)
        if self._alternatives:
            self._read_places(searches)
        else:
            self._read_lower_rights(searches)
        while active := self._go_on(
            active, [not one.ended and one.count < self._max_boxes for one in active]
        ):
            check_stop(should_stop, _WHAT)
            self._ask_for_another(active)
            active = self._go_on(active, [search.wants_box for search in active])
            if active:
                check_stop(should_stop, _WHAT)
                self._read_lower_rights(active)
        return tuple(search.result(self._signals) for search in searches)

    def _ask(self, frames: Sequence[TransformersFrame], searches: Sequence[_Search]) -> None:
        """Run the prompts; read existence and upper left corners."""
        encode, opener = self._vocabulary.encode_prompt, self._tags[Tag.OBJECT]
        prompts = [[*encode(locate_prompt(search.phrase)), opener] for search in searches]
        keep = [
            2 + (phrase_length(prompt, self._tags) if self._hears else 0) for prompt in prompts
        ]
        hidden = ask(self._decoder, self._vocabulary, frames, prompts, keep)
        # The mass of the locations needs the whole matrix for the second position too, which
        # costs next to nothing: the matrix is read once for all.
        log = self._head.full_log(hidden)
        cells = log[:, -1, self._head.cells]
        existence = log[:, -2, opener].exp().tolist()
        mass = cells.exp().sum(dim=-1).tolist()
        upper_lefts = torch.log_softmax(cells, dim=-1).cpu().numpy()
        for search, *read in zip(searches, existence, mass, upper_lefts, strict=True):
            search.open_first(*read)
        if self._hears:
            self.heard = [
                log_likelihoods(own[-count:-2], prompt[1 - count : -1])
                for prompt, count, own in zip(prompts, keep, log, strict=True)
            ]

    def _ask_for_another(self, searches: Sequence[_Search]) -> None:
        """Read whether there is another box, and its upper left corner."""
        delimiter, end = self._tags[Tag.DELIMITER], self._tags[Tag.OBJECT_END]
        rows = [[self._first_cell + search.lower_right.index, delimiter] for search in searches]
        hidden = self._decoder.feed(rows, keep=2)
        choices = self._head.log_rows(hidden[:, 0], [delimiter, end])
        corners = self._head.log_cells(hidden[:, 1])
        for search, *read in zip(searches, choices, corners, strict=True):
            search.open_next(*read)

    def _read_lower_rights(self, searches: Sequence[_Search]) -> None:
        rows = [[self._first_cell + search.upper_left.index] for search in searches]
        logs = self._head.log_cells(self._decoder.feed(rows, keep=1)[:, 0])
        for search, log in zip(searches, logs, strict=True):
            search.close(log)

    def _read_places(self, searches: Sequence[_Search]) -> None:
        """Follow several upper left corners of each phrase at once, the best one first."""
        followed = [corners_to_follow(search.upper_left_log) for search in searches]
        counts = [len(cells) for cells in followed]
        self._decoder.select(np.repeat(np.arange(len(searches)), counts).tolist())
        rows = [[self._first_cell + cell.index] for cells in followed for cell in cells]
        # Which whole box is best also depends on the probability of any location.
        log = self._head.full_log(self._decoder.feed(rows, keep=1)[:, 0])[:, self._head.cells]
        starts = np.cumsum([0, *counts[:-1]])
        lower_rights = np.split(log.cpu().numpy(), starts[1:])
        for search, cells, logs in zip(searches, followed, lower_rights, strict=True):
            search.close(logs[0])
            search.add_others(cells, logs, self._alternatives)
        self._decoder.select(starts.tolist())

    def _go_on(self, searches: list[_Search], wanted: list[bool]) -> list[_Search]:
        """Drop the finished searches from the decoder and return the others."""
        indices = [index for index, want in enumerate(wanted) if want]
        if indices and len(indices) < len(searches):
            self._decoder.select(indices)
        return [searches[index] for index in indices]


class _Search:
    """The boxes of one phrase so far, and the box being read."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        self.wants_box = True
        """Whether the model would rather begin another box than end."""
        self.ended = False
        """Whether it began to repeat boxes."""
        self.upper_left = Cell(0)
        self.upper_left_log: LogProbabilities = np.zeros(CELL_COUNT, dtype=np.float32)
        self._first_corners: tuple[LogProbabilities, LogProbabilities] | None = None
        self._existence = 0.0
        self._location_mass = 0.0
        self._opening = 0.0
        self._cells: list[tuple[Cell, Cell]] = []
        self._boxes: list[ScoredBox] = []
        self._others: tuple[ScoredBox, ...] = ()

    @property
    def lower_right(self) -> Cell:
        """Lower right corner that was read last."""
        return self._cells[-1][1]

    @property
    def count(self) -> int:
        """Number of boxes so far."""
        return len(self._boxes)

    def open_first(self, existence: float, mass: float, log: LogProbabilities) -> None:
        """
        Begin the first box.

        :param existence: probability of ``<object>`` behind the phrase, among all tokens.
        :param mass: probability of all location tokens together behind ``<object>``.
        :param log: (1024,) log-probabilities of the upper left, given that a location comes.
        """
        self._existence = self._opening = min(1.0, existence)
        self._location_mass = min(1.0, mass)
        self.upper_left_log, self.upper_left = log, best_cell(log)

    def open_next(self, choice: LogProbabilities, log: LogProbabilities) -> None:
        """Begin another box; ``choice``: log-probabilities of the delimiter and ``</object>``."""
        self._opening = probability(choice[0])
        self.wants_box = bool(choice[0] > choice[1])
        self.upper_left_log, self.upper_left = log, best_cell(log)

    def close(self, log: LogProbabilities) -> None:
        """Read the lower right corner from (1024,) log-probabilities; a repeated box ends it."""
        allowed = among(log, lower_right_cells(self.upper_left))
        cells = (self.upper_left, best_cell(allowed))
        if cells in self._cells:
            self.ended = True
            return
        self._first_corners = self._first_corners or (self.upper_left_log, allowed)
        box, mass = box_from_distributions(cells[0], self.upper_left_log, cells[1], allowed)
        self._cells.append(cells)
        self._boxes.append(ScoredBox(box, self._opening * mass, self.phrase))

    def add_others(self, cells: Sequence[Cell], logs: LogProbabilities, count: int) -> None:
        """Read the alternatives of the box closed last, see ``other_places``."""
        places = other_places(self._boxes[-1].box, cells, self.upper_left_log, logs, count)
        self._others = tuple(
            ScoredBox(box, self._opening * mass, self.phrase) for box, mass in places
        )

    def result(self, with_signals: bool) -> Located:
        """Return what was found, with the signals of these passes if asked for."""
        boxes, cells = tuple(self._boxes), tuple(self._cells)
        found = Located(self._existence, boxes, cells, self._others, self._location_mass)
        if self._first_corners is None:
            return found
        found = replace(found, places=places(self._first_corners[0]))
        if not with_signals:
            return found
        signals = free_signals(self._existence, self._location_mass, *self._first_corners)
        return replace(found, signals=signals)
