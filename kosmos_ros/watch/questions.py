# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions of the pages that wait for the node's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import secrets
import time

from builtin_interfaces.msg import Duration
from kosmos_ros_msgs.srv import Ground

from kosmos_ros.ros.conversions.values import region_to_ros
from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.protocol import PageQuestion

TIMEOUT = 60
"""Seconds that the node gets for a question."""

_GRACE = 5.0
_REMEMBERED = 200
MAX_PER_PAGE = 4


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
        """Note a question and return its id and the request for the node."""
        key = f'watch-{secrets.token_hex(6)}'
        client.questions.add(key)
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
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.client.questions.discard(key)
        return waiting

    def close_overdue(self) -> list[Waiting]:
        """Forget all questions whose time is up and return them."""
        now = self._clock()
        return self._close_all(key for key, one in self._waiting.items() if one.deadline < now)

    def close_all(self) -> list[Waiting]:
        """Forget all questions and return them."""
        return self._close_all(self._waiting)

    def close_of(self, client: Client) -> None:
        """Forget the questions of a page that is gone."""
        self._close_all(client.questions)

    def _close_all(self, keys: Iterable[str]) -> list[Waiting]:
        return [one for key in list(keys) if (one := self.close(key)) is not None]


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
