# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The command line in a process of its own, with a scripted model that writes a word and waits.

    python scripted_ground.py SECONDS ground IMAGE ...
"""

from __future__ import annotations

from collections.abc import Callable
import sys
import time

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands.runs import ground
from kosmos_ros.core.model.backend import GeneratedToken, Generation


class SlowWriter(ScriptedBackend):
    """Takes its time after each token."""

    def __init__(self, seconds: float) -> None:
        super().__init__(generated=lambda _: '<phrase> a mug</phrase> on a table.')
        self._pause = seconds

    def generate(self, *args: object) -> Generation:
        """Write the script's answer."""
        *others, on_token = args

        def slowly(token: GeneratedToken, tell: Callable[[GeneratedToken], None] = on_token):
            tell(token)
            time.sleep(self._pause)

        return super().generate(*others, slowly)


if __name__ == '__main__':
    writer = SlowWriter(float(sys.argv.pop(1)))
    ground.load_model = lambda _: writer
    sys.exit(main())
