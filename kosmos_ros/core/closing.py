# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Objects that hold something which has to be given back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

_Self = TypeVar('_Self', bound='Closing')


class Closing(ABC):
    """A context manager that closes itself when it is left."""

    def __enter__(self: _Self) -> _Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give back what is held; closing twice is harmless."""
