# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Exit codes of ``kosmos-ros``."""

from __future__ import annotations

import signal
import sys

FOUND = 0
NOT_FOUND = NOT_WELL = 1
BAD_INPUT = 2
MODEL_FAILED = 3
SOME_UNREADABLE = 4
INTERRUPTED = 130

DESCRIPTION = (
    'exit codes: 0 answered, 1 nothing found (or every score too low), 2 wrong usage or input, '
    '3 the model cannot be loaded or failed, 130 interrupted'
)


def exit_when_ended() -> None:
    """Turn the signals that end a program into an exit that ends its children too, as Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
