# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Remarks on what was skipped or corrected in a file or folder, counted by kind."""

from __future__ import annotations

_SHOWN = 3
"""Of each kind this many are named."""


class Notes:
    """Collects remarks on single entries of a file or folder, ``where``, by their kind."""

    def __init__(self, where: object) -> None:
        self.where = where
        self._first: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, kind: str, entry: str) -> None:
        """Count an entry of a kind: what was wrong and done, as in 'boxes of ..., left out'."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        first = self._first.setdefault(kind, [])
        if len(first) < _SHOWN:
            first.append(entry)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._counts)

    def lines(self) -> tuple[str, ...]:
        """Return a line for each kind: the file or folder, how many, and the first of them."""
        return tuple(f'{self.where}: {text}' for text in self._texts())

    def __str__(self) -> str:
        """Return all as one text, without the file or folder."""
        return '; '.join(self._texts())

    def _texts(self) -> list[str]:
        return [
            f'{self._counts[kind]} {kind} ({", ".join(first)}'
            f'{", ..." if self._counts[kind] > len(first) else ""})'
            for kind, first in self._first.items()
        ]
