# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Some clients in one process, which call at a moment that they are told.

    python -m kosmos_ros.stress.load_clients CLIENTS CALLS TARGET...

``CALLS`` is how many each has under way at once. On ``/stress/go`` comes a JSON list: the target
and the moment, in seconds of the monotonic clock, which all processes of a machine share. Prints
then ``calls: `` and a JSON list: status and seconds of each call, ``[0, null]`` if it was lost.
"""

from __future__ import annotations

import json
import sys
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import String

from kosmos_ros.ros.client import GroundingClient

GO = '/stress/go'
SAYS = 'calls: '
PATIENCE_SECONDS = 60.0
"""An answer that has not come by then is lost."""

QUERY = 'the pink bowl'

Call = tuple[int, float | None]
"""Status and seconds."""


class LoadClients:
    """So many nodes, each with a client of each target."""

    def __init__(self, clients: int, calls: int, targets: list[str]) -> None:
        self._calls = calls
        self._executor = SingleThreadedExecutor()
        nodes = [Node(f'load_{number}') for number in range(clients)]
        for node in nodes:
            self._executor.add_node(node)
        self._clients = {one: [GroundingClient(node, one) for node in nodes] for one in targets}
        self._orders: list[str] = []
        nodes[0].create_subscription(String, GO, lambda told: self._orders.append(told.data), 10)

    def wait(self) -> None:
        """Wait until all targets are there."""
        for client in (one for clients in self._clients.values() for one in clients):
            client.wait_until_ready(PATIENCE_SECONDS)

    def obey(self) -> None:
        """Wait for an order and carry it out."""
        while not self._orders:
            self._executor.spin_once()
        target, moment = json.loads(self._orders.pop(0))
        time.sleep(max(0.0, moment - time.monotonic()))
        print(SAYS + json.dumps(self._call(self._clients[target])), flush=True)

    def _call(self, clients: list[GroundingClient]) -> list[Call]:
        calls: list[Call] = [(0, None)] * (len(clients) * self._calls)
        for number in range(len(calls)):
            begun = time.monotonic()

            def done(future: rclpy.Future, number: int = number, begun: float = begun) -> None:
                status = int(future.result().grounding.status)
                calls[number] = status, time.monotonic() - begun

            clients[number % len(clients)].ask(QUERY).add_done_callback(done)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (0, None) in calls and time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=1.0)
        return calls


def main(clients: str, calls: str, *targets: str) -> None:
    """Obey until a signal comes."""
    rclpy.init(args=[])
    load = LoadClients(int(clients), int(calls), list(targets))
    load.wait()
    while rclpy.ok():
        load.obey()


if __name__ == '__main__':
    main(*sys.argv[1:])
