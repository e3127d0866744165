# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Objects that queries name, as far as they are understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kosmos_ros.core.language.words.quantities import Number, Order
from kosmos_ros.core.types import Role


@dataclass(frozen=True)
class Relation:
    """What singles an object out: the words of the preposition and its objects, if any."""

    words: str
    references: tuple[ObjectPhrase, ...] = ()


@dataclass(frozen=True)
class ObjectPhrase:
    """
    An object that a query names at ``text[start:end]``.

    ``head`` names it without, ``asked`` with its relations, both with single spaces and neutral
    determiners; in plural where which are meant depends on all of their kind. ``several``: more
    than one is meant; ``definite``: exactly one, or exactly those. ``excluded`` are objects of its
    kind that are not meant, in several forms each; ``number`` says how many, ``order`` which of
    them in a row. ``unclear``: it excludes something in words that are not understood.
    """

    start: int
    end: int
    role: Role
    head: str
    asked: str
    relations: tuple[Relation, ...] = ()
    several: bool = False
    definite: bool = True
    excluded: tuple[ObjectPhrase, ...] = ()
    number: Number | None = None
    order: Order | None = None
    unclear: bool = False

    @property
    def references(self) -> tuple[ObjectPhrase, ...]:
        """The objects that its relations name."""
        return tuple(one for relation in self.relations for one in relation.references)

    @property
    def is_counted(self) -> bool:
        """Tell whether the model's answer alone does not decide which are meant."""
        counted = self.excluded or self.number or self.order
        return bool(counted) or any(one.is_counted for one in self.references)

    def everything(self) -> Iterator[ObjectPhrase]:
        """Yield itself, then all that its relations name, however deep."""
        yield self
        for reference in self.references:
            yield from reference.everything()

    def expressions(self) -> Iterator[str]:
        """Yield all expressions to ask the model for, some of them twice."""
        for one in self.everything():
            yield from (one.head, one.asked)
            for excluded in one.excluded:
                yield from excluded.expressions()


@dataclass(frozen=True)
class Name:
    """
    An object that a query names at ``text[start:end]``.

    ``phrase`` is its meaning, None where it is left to the model unread; ``excludes``: it has an
    exclusion.
    """

    start: int
    end: int
    phrase: ObjectPhrase | None = None
    excludes: bool = False


@dataclass(frozen=True)
class Names:
    """Objects that a query names; ``forbidden``: it also excludes something, from nothing."""

    names: tuple[Name, ...]
    forbidden: bool = False
