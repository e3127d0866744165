# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ending a command by signal ends its children too, as Ctrl-C does."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def exit_when_ended() -> None:
    """Turn the signals that end a program into an exit that ends what it started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
