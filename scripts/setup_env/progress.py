# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One line for each finished step, and a sign of life in between."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

_TERMINAL_INTERVAL = 1.0  # seconds between two updates of the line in a terminal
_LOG_INTERVAL = 30.0  # the same for a log, where each update is a line of its own


class Progress:
    """
    Prints ``[ 35 s] ROS 2 Jazzy wheels: done in 31 s`` when a step ends.

    While steps run, a terminal shows their names on a line that is overwritten every second; a
    log gets such a line every half minute. Use as a context manager; any thread may call it.
    """

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._start = time.monotonic()
        self._running: dict[str, float] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        """Start to show signs of life."""
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it and leave a clean line."""
        self._over.set()
        self._ticker.join()
        with self._lock:
            self._clear()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def note(self, text: str) -> None:
        """Print a line."""
        with self._lock:
            self._print(text)

    def started(self, title: str) -> None:
        """Count a step among the running ones."""
        with self._lock:
            self._running[title] = time.monotonic()

    def finished(self, title: str, result: str = 'done') -> None:
        """Print how a running step ended."""
        with self._lock:
            seconds = time.monotonic() - self._running.pop(title)
            self._print(f'{title}: {result} in {seconds:.0f} s')

    def _print(self, text: str) -> None:
        self._clear()
        self._stream.write(f'[{self.elapsed:4.0f} s] {text}\n')
        self._stream.flush()

    def _clear(self) -> None:
        if self._terminal:
            self._stream.write('\r\033[K')
            self._stream.flush()

    def _tick(self) -> None:
        interval = _TERMINAL_INTERVAL if self._terminal else _LOG_INTERVAL
        while not self._over.wait(interval):
            with self._lock:
                if self._running:
                    self._show()

    def _show(self) -> None:
        now = time.monotonic()
        names = ', '.join(f'{name} {now - since:.0f} s' for name, since in self._running.items())
        if self._terminal:
            self._stream.write(f'\r\033[K[{self.elapsed:4.0f} s] ... {names}'[:150])
            self._stream.flush()
        else:
            self._print(f'... {names}')
