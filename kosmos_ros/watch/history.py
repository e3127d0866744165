# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The newest answers with their pictures, as every page shows them."""

from __future__ import annotations

from dataclasses import dataclass
import time
from typing import Any

from kosmos_ros.core.types import Region
from kosmos_ros.watch.pictures import JpegPicture

LENGTH = 50


@dataclass
class Entry:
    """
    An answer.

    ``repeats`` counts the earlier answers to the same question of others, such as the standing
    query, that this one replaced. ``time`` is the wall clock's, in seconds.
    """

    number: int
    answer: dict[str, Any]
    picture: JpegPicture | None
    note: str
    region: Region | None
    asked_here: bool
    repeats: int
    time: float

    def as_data(self) -> dict[str, Any]:
        """Return the entry as data for JSON, with the address of its picture."""
        picture, region = self.picture, self.region
        return {
            'number': self.number,
            'answer': self.answer,
            'picture': picture and {'width': picture.width, 'height': picture.height},
            'note': self.note,
            'region': region and [region.x, region.y, region.width, region.height],
            'asked_here': self.asked_here,
            'repeats': self.repeats,
            'age': round(time.time() - self.time, 3),
        }


class History:
    """
    Keeps a limited number of answers; belongs to the event loop.

    :param length: how many.
    """

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._entries: dict[int, Entry] = {}
        self._numbers = 0

    def entries(self) -> list[Entry]:
        """Return all entries, the oldest first."""
        return list(self._entries.values())

    def get(self, number: int) -> Entry | None:
        """Return an entry, None if it is no longer kept."""
        return self._entries.get(number)

    def knows(self, answer: dict[str, Any]) -> Entry | None:
        """Return the entry of an answer that came before, by service or by topic."""
        key = _identity(answer)
        return next((one for one in self.entries()[::-1] if _identity(one.answer) == key), None)

    def add(
        self,
        answer: dict[str, Any],
        picture: JpegPicture | None,
        note: str,
        region: Region | None = None,
        asked_here: bool = False,
    ) -> tuple[Entry, int | None]:
        """
        Keep an answer.

        :param note: why there is no picture.
        :returns: its entry, and the number of the one it replaces.
        """
        replaced = None if asked_here else self._same_question(answer)
        repeats = 0
        if replaced is not None:
            repeats = replaced.repeats + 1
            del self._entries[replaced.number]
        self._numbers += 1
        entry = Entry(
            self._numbers, answer, picture, note, region, asked_here, repeats, time.time()
        )
        self._entries[entry.number] = entry
        while len(self._entries) > self._length:
            del self._entries[next(iter(self._entries))]
        return entry, replaced.number if replaced else None

    def _same_question(self, answer: dict[str, Any]) -> Entry | None:
        """Return the newest entry of others to the same question about the same camera."""
        for entry in self.entries()[::-1]:
            if not entry.asked_here and _question(entry.answer) == _question(answer):
                return entry
        return None


def _identity(answer: dict[str, Any]) -> tuple[str, ...]:
    return answer['id'], answer['camera'], answer['stamp']


def _question(answer: dict[str, Any]) -> tuple[str, ...]:
    return answer['task'], answer['query'], answer['camera']
