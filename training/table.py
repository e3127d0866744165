# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A labelled scene for the texts of the training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

FAINT = 0.05
"""An object of which less than this fraction is visible does not count as being there."""

BoxTuple = tuple[float, float, float, float]
"""x0, y0, x1, y1, normalised."""


@dataclass(frozen=True)
class Thing:
    """One object: its kind and box, and whether a person could name it."""

    shape: str
    color: str
    size: str
    box: BoxTuple
    nameable: bool = True

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box, normalised."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def area(self) -> float:
        """Fraction of the image that the box covers."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


class Description(NamedTuple):
    """The attributes of an object in a phrase; None where it names none."""

    shape: str | None = None
    color: str | None = None
    size: str | None = None

    def fits(self, thing: Thing) -> bool:
        """Tell whether the thing is as described."""
        return (
            self.shape in (None, thing.shape)
            and self.color in (None, thing.color)
            and self.size in (None, thing.size)
        )


@dataclass(frozen=True)
class Table:
    """
    The things on the table, ``things`` from left to right.

    ``doubtful`` ones are too hidden or cut off to be named, yet visible: what would match one of
    them is neither asked for nor called absent.
    """

    things: tuple[Thing, ...]
    doubtful: tuple[Thing, ...] = ()

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Table:
        """Sort things into those that can be named and those that are doubtful."""
        ordered = sorted(things, key=lambda thing: thing.box[0])
        return cls(
            tuple(thing for thing in ordered if thing.nameable),
            tuple(thing for thing in ordered if not thing.nameable),
        )

    def select(self, description: Description) -> tuple[Thing, ...] | None:
        """Return the things that fit, from left to right; None where a doubtful one fits too."""
        if any(description.fits(thing) for thing in self.doubtful):
            return None
        return tuple(thing for thing in self.things if description.fits(thing))


def table_from_labels(labels: Iterable[Mapping[str, Any]]) -> Table:
    """Read the labels of one image of the pool (see ``training.scenes.render_pool``)."""
    return Table.of(
        Thing(one['shape'], one['color'], one['size'], tuple(one['box']), bool(one['nameable']))
        for one in labels
        if one['visible'] >= FAINT
    )


def mirrored(table: Table) -> Table:
    """Return the table of the left-right mirrored image."""
    return Table.of(
        replace(one, box=(1 - one.box[2], one.box[1], 1 - one.box[0], one.box[3]))
        for one in (*table.things, *table.doubtful)
    )


def cropped(table: Table, window: BoxTuple, keep: float = 0.85) -> Table:
    """
    Return the table of a window of its image.

    :param window: the part of the image that is kept, normalised.
    :param keep: a thing of which a smaller fraction is inside becomes doubtful.
    """
    x0, y0, x1, y1 = window
    inside = []
    for thing in (*table.things, *table.doubtful):
        left, right = max(thing.box[0], x0), min(thing.box[2], x1)
        top, bottom = max(thing.box[1], y0), min(thing.box[3], y1)
        if right <= left or bottom <= top:
            continue
        kept = (right - left) * (bottom - top) / thing.area
        left, right = ((edge - x0) / (x1 - x0) for edge in (left, right))
        top, bottom = ((edge - y0) / (y1 - y0) for edge in (top, bottom))
        nameable = thing.nameable and kept >= keep
        inside.append(replace(thing, box=(left, top, right, bottom), nameable=nameable))
    return Table.of(inside)
