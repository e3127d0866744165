# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Whoever ends a command means its children too, as with Ctrl-C."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def exit_when_ended() -> None:
    """Have the signals that end a program unwind it, so that it ends what it started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
