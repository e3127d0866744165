# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Cancelling work whose clients are gone.

ROS does not tell a service who called, but DDS knows who may have: the clients that there were
when the call came. When the last of these is gone, nobody can be waiting, whoever came later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
import threading

from rclpy.node import Node

from kosmos_ros.core.types import Status
from kosmos_ros.ros.answering.question import Reply
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import settle

_LOOKS = 2
"""A client's first call may overtake the news of the client."""


def clients_of(node: Node, service: str) -> Collection[Hashable]:
    """
    Return who may call a service at this moment, as DDS knows them.

    :param service: full name; of an action that of its ``send_goal``.
    """
    # https://design.ros2.org/articles/topic_and_service_names.html
    writers = node.get_publishers_info_by_topic(f'rq{service}Request', no_mangle=True)
    # Other middlewares have other names, and only the number is known.
    return {bytes(one.endpoint_gid) for one in writers} or range(node.count_clients(service))


@dataclass
class _Awaited:
    """Who may wait for an outcome, and how often they were looked for and not found."""

    clients: set[Hashable]
    looks: int = 0
    misses: int = 0


class ClientWatch:
    """
    Ends the work for clients that are gone; safe to use from several threads.

    :param clients: returns those that there are.
    """

    def __init__(self, clients: Callable[[], Collection[Hashable]]) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._awaited: dict[Future[Reply], _Awaited] = {}

    def awaits(self, outcome: Future[Reply]) -> None:
        """Remember that a client waits for this."""
        clients = set(self._clients())
        with self._lock:
            self._awaited[outcome] = _Awaited(clients)
        outcome.add_done_callback(self._forget)

    def look(self) -> None:
        """End what nobody waits for; to be called every second or so."""
        with self._lock:
            awaited = dict(self._awaited)
        if not awaited:
            return
        present = set(self._clients())
        for outcome, one in awaited.items():
            one.looks += 1
            if one.looks <= _LOOKS:
                one.clients |= present
            one.misses = 0 if one.clients & present else one.misses + 1
            if one.misses >= _LOOKS:
                settle(outcome, RefusedError(Status.CANCELLED, 'whoever asked is gone'))

    def _forget(self, outcome: Future[Reply]) -> None:
        with self._lock:
            self._awaited.pop(outcome, None)
