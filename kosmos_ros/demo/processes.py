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

import kosmos_ros
from kosmos_ros.bringup import NodeProcess
from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import KosmosError
from kosmos_ros.ending import seconds_left

KEPT_LINES = 15
_STEPS = ((signal.SIGINT, 5.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0))
"""Signals that end children, and the seconds they then have."""

_KILLED_BEFORE_END = 0.4
"""Seconds; if this program was told to end, it kills what is left of its children by then."""

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
        # Part of util-linux, which Debian and Ubuntu always have. Its setting survives exec, and
        # so holds for the child itself.
        setpriv = shutil.which('setpriv')
        self._process = subprocess.Popen(
            [*([setpriv, '--pdeathsig', 'TERM'] if setpriv else []), *command],
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
        code = self._process.returncode
        end = f'ended with exit code {code}'
        if code < 0:
            end = f'was ended by {signal.Signals(-code).name}'
        raise ProcessDiedError(
            f'{self.name} {end}. The end of {self.log_file}:\n'
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

    def kill_alone(self) -> None:
        """Kill the child, and nothing that it has started."""
        self._process.kill()
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


class ProcessGroup(Closing):
    """Children that start one by one and end together; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._children: list[ChildProcess] = []
        atexit.register(self.kill)

    def close(self) -> None:
        """End all children, whatever comes between."""
        try:
            self.stop()
        finally:
            # A second Ctrl-C must not leave processes behind either.
            self.kill()
            atexit.unregister(self.kill)

    def add(self, child: ChildProcess) -> None:
        """Add a running child."""
        self._children.append(child)

    def drop(self, child: ChildProcess) -> None:
        """Kill a child, and forget it; what it has started has to end by itself."""
        child.kill_alone()
        self._children.remove(child)

    def check(self) -> None:
        """
        Do nothing while all children run.

        :raises ProcessDiedError: for the first that has ended.
        """
        for child in self._children:
            child.check()

    def stop(self) -> None:
        """End all children and all that they have started, by SIGINT first."""
        for number, patience in _STEPS:
            there = self.tell(number)
            deadline = time.monotonic() + patience
            while there and time.monotonic() < deadline and seconds_left() > _KILLED_BEFORE_END:
                time.sleep(0.02)
                there = self.tell(0)

    def tell(self, number: int) -> bool:
        """
        Send a signal to all children and all that they have started, without waiting.

        :returns: false if all of them have ended.
        """
        there = [child.tell(number) for child in self._children]
        return any(there)

    def kill(self) -> None:
        """Kill all children."""
        for child in self._children:
            child.kill()


def package_environment() -> dict[str, str]:
    """Return the environment of a child that finds this package without being installed."""
    root = str(Path(kosmos_ros.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get('PYTHONPATH')])]
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(paths)}


def start_node(
    process: NodeProcess,
    log_file: Path,
    environment: Mapping[str, str],
    listener: LineListener | None = None,
) -> ChildProcess:
    """
    Start a node; its parameters are kept in a file beside its log.

    :param environment: without what ``process`` adds to it.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    overrides = log_file.with_suffix('.yaml')
    overrides.write_text(process.parameters_yaml() + '\n', encoding='utf-8')
    command = process.command(overrides if process.parameters else None)
    whole = {**environment, **process.environment}
    return ChildProcess(process.name, command, whole, log_file, listener)
