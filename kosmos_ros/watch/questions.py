# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions of the pages that wait for the node's answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import secrets
import time

from builtin_interfaces.msg import Duration
from kosmos_ros_msgs.srv import Ground

from kosmos_ros.ros.conversions.values import region_to_ros
from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.protocol import PageQuestion, ProtocolError

TIMEOUT = 60
"""Seconds that the node gets for a question."""

_GRACE = 5.0
_REMEMBERED = 200
MAX_PER_PAGE = 4
MAX_WAITING = 32
"""Questions of all pages, also of those that are gone: the node answers them nevertheless."""


@dataclass(frozen=True)
class Waiting:
    """A question, who asked it, and until when an answer is worth waiting for."""

    client: Client
    ask: PageQuestion
    deadline: float


class Questions:
    """Open questions, by the id given to the node; belongs to the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, Waiting] = {}
        self._asked: dict[str, PageQuestion] = {}

    def add(self, client: Client, ask: PageQuestion) -> tuple[str, Ground.Request]:
        """
        Note a question and return its id and the request for the node.

        :raises ProtocolError: if too many wait already.
        """
        if sum(one.client is client for one in self._waiting.values()) >= MAX_PER_PAGE:
            raise ProtocolError(
                f'{MAX_PER_PAGE} questions of this page wait already; wait for an answer.',
                ask.number,
            )
        if len(self._waiting) >= MAX_WAITING:
            raise ProtocolError(
                f'{MAX_WAITING} questions wait already; wait for an answer.', ask.number
            )
        key = f'watch-{secrets.token_hex(6)}'
        self._waiting[key] = Waiting(client, ask, self._clock() + TIMEOUT + _GRACE)
        self._asked[key] = ask
        if len(self._asked) > _REMEMBERED:
            del self._asked[next(iter(self._asked))]
        return key, request_to_ros(key, ask)

    def get(self, key: str) -> Waiting | None:
        """Return a question, None if it is answered or unknown."""
        return self._waiting.get(key)

    def asked(self, key: str) -> PageQuestion | None:
        """Return a recent question, answered or not."""
        return self._asked.get(key)

    def close(self, key: str) -> Waiting | None:
        """Forget a question and return it."""
        return self._waiting.pop(key, None)

    def close_overdue(self) -> list[Waiting]:
        """Forget all questions whose time is up and return them."""
        now = self._clock()
        overdue = [key for key, one in self._waiting.items() if one.deadline < now]
        return [self._waiting.pop(key) for key in overdue]

    def close_all(self) -> list[Waiting]:
        """Forget all questions and return them."""
        waiting, self._waiting = self._waiting, {}
        return list(waiting.values())


def request_to_ros(key: str, ask: PageQuestion) -> Ground.Request:
    """Make the request of a question."""
    return Ground.Request(
        id=key,
        task=ask.task.value,
        query=ask.query,
        camera=ask.camera,
        region=region_to_ros(ask.region),
        min_score=ask.min_score,
        timeout=Duration(sec=TIMEOUT),
    )
