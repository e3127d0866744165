# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A client that asks again and again, whatever comes: ``python -m kosmos_ros.stress.soak_client``.

It is there to be killed, also with calls under way.
"""

from __future__ import annotations

from contextlib import suppress
import random
import sys
import time

import rclpy
from rclpy.node import Node

from kosmos_ros.ros.client import GroundingClient

_REQUESTS = (
    {'query': 'the pink bowl'},
    {'query': 'the red mug; the blue cone', 'camera': '*'},
    {'query': 'brief', 'task': 2},
    {'query': 'what is on the table?', 'camera': 'rear'},
)
_PATIENCE_SECONDS, _REST_SECONDS = 20.0, 0.5


def main(target: str) -> None:
    """Ask until a signal comes; without an answer, which is for others to judge, ask again."""
    rclpy.init(args=[])
    client = GroundingClient(Node('soak_client'), target)
    while rclpy.ok():
        if client.wait_until_ready(_PATIENCE_SECONDS):
            with suppress(TimeoutError):
                client.ask_and_wait(timeout=_PATIENCE_SECONDS, **random.choice(_REQUESTS))
        time.sleep(_REST_SECONDS)


if __name__ == '__main__':
    main(*sys.argv[1:])
