# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One line that shows what is being waited for."""

from __future__ import annotations

import shutil
from typing import TextIO


class ProgressLine:
    """
    Rewrites its line if ``live``; else prints one when there is something new.

    :param live: whether the stream is a terminal that nothing else writes to.
    """

    def __init__(self, stream: TextIO, *, live: bool) -> None:
        self._stream = stream
        self._live = live
        self._shown = ''

    def update(self, text: str, seconds: float) -> None:
        """Say what is being waited for, and for how many seconds already."""
        if self._live:
            self.hint(f'{text} ({seconds:.0f} s)')
        elif text != self._shown:
            self._write(f'{text}\n')
            self._shown = text

    def hint(self, text: str) -> None:
        """Show a hint that is not worth its own line."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write(f'\r\x1b[K{text[:width]}')
            self._shown = text

    def done(self, text: str) -> None:
        """Replace the line by the outcome."""
        self._write(f'\r\x1b[K{text}\n' if self._live else f'{text}\n')
        self._shown = ''

    def clear(self) -> None:
        """Clear the line, for something else to be printed."""
        if self._live and self._shown:
            self._write('\r\x1b[K')
        self._shown = ''

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
