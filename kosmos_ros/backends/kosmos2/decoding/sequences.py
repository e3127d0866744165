# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Many token sequences in one row: which slots a token attends to, and its position.

Sequences of one pass lie one behind the other in the order in which they were appended, and a mask
separates them. That is cheaper than a batch with one row each: nothing is padded, a shared
beginning is there once, and a sequence that continues in several ways is copied by its line of the
mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Visible = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Appended:
    """
    Tokens that were appended in one go.

    ``visible`` (tokens, slots) tells which slots of the row, up to and with these tokens, each may
    attend to, ``places`` (tokens,) which token of its sequence each is, from 0 on, and ``ends``
    (sequences,) the index behind each sequence's last one.
    """

    visible: Visible
    places: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


class PackedRow:
    """Sequences of tokens in one row of slots; at first none."""

    def __init__(self) -> None:
        self._visible: Visible = np.zeros((0, 0), dtype=np.bool_)

    @property
    def slots(self) -> int:
        """Length of the row."""
        return self._visible.shape[1]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(sequences,) int64, tokens of each sequence."""
        return np.count_nonzero(self._visible, axis=1).astype(np.int64)

    def start(self, lengths: Sequence[int]) -> Appended:
        """Put new sequences behind all others, each with some tokens."""
        new = np.zeros((len(lengths), self.slots), dtype=np.bool_)
        self._visible = np.concatenate([self._visible, new])
        before = len(self._visible) - len(lengths)
        return self.append([0] * before + list(lengths))

    def append(self, lengths: Sequence[int]) -> Appended:
        """
        Give each sequence some more tokens, those of one sequence side by side.

        :param lengths: tokens for each sequence, 0 or more.
        :raises ValueError: if there are more or fewer lengths than sequences.
        """
        count = len(self._visible)
        if len(lengths) != count:
            raise ValueError(f'expected tokens for {count} sequences, got {len(lengths)}')
        if len(lengths) == 1 and lengths[0] == 1 and self._visible.all():
            # A lone sequence gets one token: fast, as writing text does it for each token.
            places = np.array([self.slots])
            self._visible = np.ones((1, self.slots + 1), dtype=np.bool_)
            return Appended(self._visible, places, np.array([1]))
        counts = np.asarray(lengths, dtype=np.int64)
        ends = np.cumsum(counts)
        owner = np.repeat(np.arange(count), counts)
        offset = np.arange(len(owner)) - (ends - counts)[owner]
        own = owner == np.arange(count)[:, None]
        before = self._visible[owner]
        new = own[owner] & np.tri(len(owner), dtype=np.bool_)
        places = self.lengths[owner] + offset
        self._visible = np.concatenate([self._visible, own], axis=1)
        return Appended(np.concatenate([before, new], axis=1), places, ends)

    def drop(self, count: int) -> None:
        """Take the last slots away; they must be those of a lone sequence."""
        self._visible = self._visible[:, : self.slots - count]

    def select(self, indices: Sequence[int]) -> None:
        """Keep some sequences, in the given order; one that comes twice continues in two ways."""
        self._visible = self._visible[list(indices)]

    def shorten(self, lengths: Sequence[int]) -> None:
        """Let each sequence see its first ``lengths`` tokens only."""
        rank = np.cumsum(self._visible, axis=1)
        self._visible = self._visible & (rank <= np.asarray(lengths)[:, None])
