# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The simulator's ground truth of an image."""

from __future__ import annotations

from dataclasses import dataclass

from kosmos_ros.core.types import Box

Position = tuple[float, float, float]
"""Metres."""


@dataclass(frozen=True)
class TruthObject:
    """
    One visible object.

    ``box`` encloses its visible pixels, normalised. ``nameable`` says whether enough of it is
    visible to ask for it. ``position`` is its centre in the camera's optical frame, metres.
    """

    color: str
    shape: str
    box: Box
    nameable: bool = True
    position: Position = (0.0, 0.0, 0.0)

    @property
    def name(self) -> str:
        """Colour and shape, as in 'red cube'."""
        return f'{self.color} {self.shape}'


@dataclass(frozen=True)
class Truth:
    """All visible objects in one image of ``width`` by ``height`` pixels."""

    width: int
    height: int
    objects: tuple[TruthObject, ...]

    def matching(self, color: str = '', shape: str = '') -> tuple[TruthObject, ...]:
        """Return the objects of that colour and shape; an empty word fits any."""
        return tuple(
            thing
            for thing in self.objects
            if color in ('', thing.color) and shape in ('', thing.shape)
        )

    @property
    def nameable(self) -> tuple[TruthObject, ...]:
        """Objects that can be asked for."""
        return tuple(thing for thing in self.objects if thing.nameable)

    @property
    def askable(self) -> tuple[TruthObject, ...]:
        """Objects singled out by colour and shape, from left to right."""
        unique = (
            thing for thing in self.nameable if self.matching(thing.color, thing.shape) == (thing,)
        )
        return tuple(sorted(unique, key=lambda thing: thing.box.x0))
