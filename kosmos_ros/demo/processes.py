# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Child processes that never outlive their parent.

Each child leads a process group of its own, so that a Ctrl-C at the terminal reaches the parent
alone, which then ends the children in order. If the parent is killed, the kernel signals the
children.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable, Mapping, Sequence
import os
from pathlib import Path
import shutil
import signal
import subprocess
import threading
import time
from types import TracebackType

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.ending import is_ending

KEPT_LINES = 15
_STEPS = ((signal.SIGINT, 5.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0))
"""Signals that end children, and the seconds they then have."""

_HASTY_STEPS = ((signal.SIGINT, 1.0), (signal.SIGKILL, 0.2))
"""If this program was told to end, and has little time for it."""

LineListener = Callable[[str], None]


class ProcessDiedError(KosmosError, RuntimeError):
    """A child that should be running has ended."""


class ChildProcess:
    """
    A running child and the end of its output.

    :param name: for messages.
    :param command: program and arguments.
    :param environment: the child's whole environment.
    :param log_file: receives everything that the child prints.
    :param listener: called in a thread of its own with each line printed, without its end.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log_file: Path,
        listener: LineListener | None = None,
    ) -> None:
        self.name = name
        self.log_file = log_file
        self._listener = listener
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process = subprocess.Popen(
            [*_death_notice(), *command],
            env={**environment, 'PYTHONUNBUFFERED': '1'},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name=f'{name} output', daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Id of the child, and of its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the child has not ended yet."""
        return self._process.poll() is None

    def check(self) -> None:
        """
        Do nothing while the child runs.

        :raises ProcessDiedError: with the last lines that the child printed.
        """
        if self.running:
            return
        # Its last output is still on its way through the pipe.
        self._reader.join(timeout=1.0)
        raise ProcessDiedError(
            f'{self.name} {_how_it_ended(self._process.returncode)}. The end of {self.log_file}:\n'
            + '\n'.join(f'  | {line}' for line in self._last_lines)
        )

    def tell(self, number: int) -> bool:
        """
        Send a signal to the child and all that it has started.

        :param number: of the signal; 0 only checks whether any process is left.
        :returns: false if all of them have ended.
        """
        self._process.poll()  # reaps the child, which would count otherwise
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """Kill the child and all that it has started."""
        self.tell(signal.SIGKILL)
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 (opened above)
        with self.log_file.open('w', encoding='utf-8') as log, self._process.stdout as output:
            for raw in output:
                line = raw.rstrip('\n')
                self._last_lines.append(line)
                print(line, file=log, flush=True)
                if self._listener:
                    self._listener(line)


class ProcessGroup:
    """Children that start one by one and end together; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._children: list[ChildProcess] = []

    def __enter__(self) -> ProcessGroup:
        atexit.register(self.kill)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            # A second Ctrl-C must not leave processes behind either.
            self.kill()
            atexit.unregister(self.kill)

    def add(self, child: ChildProcess) -> None:
        """Add a running child."""
        self._children.append(child)

    def check(self) -> None:
        """
        Do nothing while all children run.

        :raises ProcessDiedError: for the first that has ended.
        """
        for child in self._children:
            child.check()

    def stop(self) -> None:
        """End all children and all that they have started, by SIGINT first."""
        for number, patience in _HASTY_STEPS if is_ending() else _STEPS:
            there = [child for child in self._children if child.tell(number)]
            deadline = time.monotonic() + patience
            while there and time.monotonic() < deadline:
                time.sleep(0.02)
                there = [child for child in there if child.tell(0)]

    def kill(self) -> None:
        """Kill all children."""
        for child in self._children:
            child.kill()


def _death_notice() -> list[str]:
    # Part of util-linux, which Debian and Ubuntu always have. Its setting survives exec, and so
    # holds for the child itself.
    setpriv = shutil.which('setpriv')
    return [setpriv, '--pdeathsig', 'TERM'] if setpriv else []


def _how_it_ended(returncode: int) -> str:
    if returncode >= 0:
        return f'ended with exit code {returncode}'
    return f'was ended by {signal.Signals(-returncode).name}'
