# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Guesses at the tokens that come next, for the model to check several in one pass.

A pass over a few tokens costs hardly more than over one, because both read all weights. So each
token that was guessed right saves a pass, and a wrong one costs next to nothing. What is written
is the model's choice either way. There is no second model: captions and answers repeat what was
written before about the same image (look-up of n-grams, as in Saxena, "Prompt Lookup Decoding",
2023), and some tags nearly always come behind others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

_START = 2
_BREAK = -1
"""Between texts: no token."""

_MOST_PLACES = 64
"""Newest places of a token that are compared with the text."""

Allowed = Callable[[Sequence[int]], bool]
"""Tells whether, of some tokens behind the text, the last one may come behind the others."""


class Drafts:
    """
    Looks up how a text may go on.

    As many tokens as were right last time, doubled if all were: a text that goes its own way has
    one wrong guess a pass.

    :param texts: earlier ones about the same image, oldest first.
    :param most: the most tokens of a guess; 0: none.
    """

    def __init__(self, texts: Iterable[Sequence[int]], most: int) -> None:
        self._most = most
        self._length = min(_START, most)
        self._looked_up = False
        self._known: list[int] = []
        self._places: dict[int, list[int]] = defaultdict(list)
        for text in texts:
            self._add([*text, _BREAK])
        self._begin = len(self._known)

    def add(self, tokens: Iterable[int]) -> None:
        """Append tokens to the text that is being written, its prompt among them."""
        self._add(tokens)

    def next(self, likely: int | None, allowed: Allowed, most: int) -> list[int]:
        """
        Guess how the text goes on.

        :param likely: the token to guess where nothing is found, None: none.
        :param most: the most tokens that are wanted.
        """
        if not min(self._most, most):
            return []
        found = self._look_up(allowed)[: min(self._length, most)]
        self._looked_up = bool(found)
        return found or ([] if likely is None else [likely])

    def judge(self, guessed: int, right: int) -> None:
        """Tell how many tokens of the last guess were right."""
        if self._looked_up:
            longer = 2 * guessed if right == guessed else right
            self._length = max(1, min(self._most, longer))

    def _add(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            self._places[token].append(len(self._known))
            self._known.append(token)

    def _look_up(self, allowed: Allowed) -> list[int]:
        """Return what follows the newest of the longest runs that the text ends with."""
        best, longest = 0, 0
        for place in reversed(self._places[self._known[-1]][-_MOST_PLACES - 1 : -1]):
            run = self._run(place)
            if run > longest and self._until_break(place + 1, 1, allowed):
                best, longest = place + 1, run
        return self._until_break(best, self._length, allowed) if longest else []

    def _run(self, place: int) -> int:
        """Return how many tokens up to a place are those at the end of the text."""
        end = len(self._known) - 1
        length = 0
        while (
            length <= min(place, end - self._begin)
            and self._known[place - length] == self._known[end - length]
        ):
            length += 1
        return length

    def _until_break(self, start: int, count: int, allowed: Allowed) -> list[int]:
        """Return the tokens from a place on as far as they may come, ``count`` at most."""
        found: list[int] = []
        for token in self._known[start : start + count]:
            if token == _BREAK or not allowed([*found, token]):
                break
            found.append(token)
        return found
