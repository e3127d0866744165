# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Messages kept until an answer names the one it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from kosmos_ros.ros.conversions.values import time_from_ros

Message = TypeVar('Message', bound=Any)


class KeptMessages(Generic[Message]):
    """The newest messages of a topic up to a limit, while ``holding`` those that came first."""

    def __init__(self, limit: int) -> None:
        self.by_stamp: dict[int, Message] = {}
        """By the stamps of their headers in nanoseconds."""
        self._limit = limit
        self._holds = False

    def put(self, message: Message) -> None:
        """Keep a message with a header, if there is room while ``holding``."""
        if len(self.by_stamp) >= self._limit:
            if self._holds:
                return
            del self.by_stamp[min(self.by_stamp)]
        self.by_stamp[time_from_ros(message.header.stamp)] = message

    @contextmanager
    def holding(self) -> Iterator[None]:
        """
        Keep what comes first, however long the block takes.

        The image of an answer was among the newest when the question came, but the answer may
        come when far more images than can be kept have gone by.
        """
        for stamp in sorted(self.by_stamp)[: -self._limit // 4]:
            del self.by_stamp[stamp]
        self._holds = True
        try:
            yield
        finally:
            self._holds = False
