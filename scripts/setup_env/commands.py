# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Run programs with their output in a log; errors show its end."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import shlex
import subprocess

_SHOWN_LINES = 25

# Set by the ROS wheels for their interpreter. Programs of another one, and an interpreter whose
# libraries are still being installed, must not inherit them.
_LEAKING = ('_ROS_WHEELS_BOOTSTRAP_COMPLETE', 'LD_LIBRARY_PATH')


def clean_environment() -> dict[str, str]:
    """Return the environment variables without those of an activated wheel environment."""
    variables = dict(os.environ)
    if '_ROS_WHEELS_BOOTSTRAP_COMPLETE' in variables:
        for name in _LEAKING:
            variables.pop(name, None)
    return variables


class SetupError(Exception):
    """The environment cannot be made; the message says why and what the user has to type."""


class Log:
    """A file that collects the output of a step's programs."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('')
        self.path = path

    def write(self, text: str) -> None:
        """Add a line."""
        with self.path.open('a') as file:
            file.write(text + '\n')

    def call(
        self,
        arguments: Sequence[str | Path],
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """
        Run a program to its end.

        :param environment: variables to set on top of ``clean_environment()``.
        :raises SetupError: when it cannot be started or fails, with the end of its output.
        """
        command = shlex.join(str(argument) for argument in arguments)
        self.write(f'$ {command}')
        with self.path.open('ab') as file:
            try:
                status = subprocess.run(
                    [str(argument) for argument in arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env=clean_environment() | (environment or {}),
                    cwd=folder,
                    check=False,
                ).returncode
            except OSError as error:
                raise SetupError(f'cannot run {command}: {error}') from error
        if status != 0:
            raise SetupError(
                f'{command}\nended with status {status}. The end of {self.path}:\n\n'
                f'{self._end()}\n\nWhat is done is kept: the same command goes on from here.'
            )

    def _end(self) -> str:
        lines = self.path.read_text(errors='replace').splitlines()
        return '\n'.join('    ' + line for line in lines[-_SHOWN_LINES:])
