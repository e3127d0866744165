# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where the worker's model comes from, and what can be done to one that hangs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kosmos_ros.core.model.backend import Backend


class ModelSource(Protocol):
    """
    Loads a model as often as need be.

    ``load`` is called by the worker's thread, all else by any.
    """

    def load(self) -> Backend:
        """
        Load the model, and let go of the one before.

        :raises KosmosError: if it cannot be loaded.
        :raises ModelEndedError: if what loads it came to an end, so that it is worth another try.
        """
        ...

    def problem(self) -> str:
        """Return why a loaded model can answer nothing any more; empty while it can."""
        ...

    def seconds_idle(self) -> float:
        """Return for how long loading has made no progress."""
        ...

    def resident_bytes(self) -> int:
        """Return the memory that it takes beside this process."""
        ...

    def end(self, reason: str) -> None:
        """
        End the model whatever it does: calls of it and of ``load`` raise ``ModelEndedError``.

        Nothing, if it cannot be ended.
        """
        ...

    def close(self) -> None:
        """End the model for good."""
        ...


class InProcess:
    """
    A model in this process, which cannot be ended.

    :param make: loads it.
    """

    def __init__(self, make: Callable[[], Backend]) -> None:
        self.load = make

    def problem(self) -> str:
        """Return nothing: as long as this process lives, so does the model."""
        return ''

    def seconds_idle(self) -> float:
        """Return 0: unknown."""
        return 0.0

    def resident_bytes(self) -> int:
        """Return 0: it has none of its own."""
        return 0

    def end(self, reason: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing: the backend goes with the last reference to it."""
