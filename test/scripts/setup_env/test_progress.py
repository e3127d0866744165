# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A log gets one line for each step."""

from __future__ import annotations

import io
import re

from scripts.setup_env.progress import Progress


def without_times(text: str) -> str:
    """Remove what depends on the speed of the machine."""
    return re.sub(r'\[ *\d+ s\] | in \d+ s', '', text)


def test_one_line_for_each_finished_step() -> None:
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.started('first')
        progress.started('second')
        progress.finished('second')
        progress.finished('first', 'FAILED')
        progress.note('remark')
    assert without_times(stream.getvalue()) == 'second: done\nfirst: FAILED\nremark\n'


def test_a_terminal_is_left_with_clean_lines() -> None:
    class Terminal(io.StringIO):
        """A text stream that says it is a terminal."""

        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with Progress(stream) as progress:
        progress.note('remark')
    assert without_times(stream.getvalue()) == '\r\033[Kremark\n\r\033[K'
