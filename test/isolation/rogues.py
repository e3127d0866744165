# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Children that break the rules."""

from __future__ import annotations

import os
import time

from kosmos_ros.isolation.child import ParentLink


def garbage(link: ParentLink) -> None:
    link.channels[0].send(b'\xff{"')
    time.sleep(60)


def huge(link: ParentLink) -> None:
    link.channels[0]._connection.sendall(b'\xff' * 8)
    time.sleep(60)


def nested(link: ParentLink) -> None:
    link.channels[0].send(b'[' * 100_000)
    time.sleep(60)


def strange_error(link: ParentLink) -> None:
    link.channels[0].send(b'["error", ["system", "rm"]]')
    time.sleep(60)


def leave(_: ParentLink) -> None:
    os._exit(7)


def deaf(link: ParentLink) -> None:
    link.channels[0].close()
    time.sleep(60)


def dawdle(_: ParentLink) -> None:
    time.sleep(60)
