# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Words on a terminal while they are written: in a process, on a pseudo terminal.

Spans ``commands.runs.ground``.
"""

from __future__ import annotations

from collections.abc import Iterator
import json
import os
from pathlib import Path
import pty
import select
import signal
import subprocess
import sys
import time

from PIL import Image
import pytest

HERE = Path(__file__).parent
ANSWER = 'answer: An image of a mug on a table.'


class Terminal:
    """A pseudo terminal, and what came on it."""

    def __init__(self) -> None:
        self._master, self.slave = pty.openpty()
        self.output = ''

    def read_until(self, text: str, timeout: float = 60.0) -> None:
        """Wait for a text."""
        deadline = time.monotonic() + timeout
        while text not in self.output:
            assert time.monotonic() < deadline, f'{text!r} did not come:\n{self.output}'
            self._read(0.1)

    def rest(self) -> str:
        """Return all output, with line ends as in files."""
        while self._read(0.0):
            pass
        return self.output.replace('\r\n', '\n')

    def close(self) -> None:
        """Give it back."""
        os.close(self._master)
        os.close(self.slave)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            self.output += os.read(self._master, 4096).decode()
        return bool(ready)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / 'table.png'
    Image.new('RGB', (80, 40)).save(path)
    return path


def start(
    picture: Path, *options: str, seconds: float = 0.0, **streams: object
) -> subprocess.Popen[str]:
    command = [HERE / 'scripted_ground.py', str(seconds), 'ground', picture, *options, '--no-save']
    return subprocess.Popen([sys.executable, *map(str, command)], text=True, **streams)


def test_a_person_sees_words_as_they_come_and_once(picture: Path, terminal: Terminal) -> None:
    child = start(picture, stdout=terminal.slave, stderr=terminal.slave)
    assert child.wait(60) == 0
    first, *others = terminal.rest().splitlines()
    assert first == ANSWER
    assert others[0].startswith('FOUND (DESCRIBE')
    assert not any('answer' in line for line in others)


def test_the_words_come_before_the_answer_is_finished(picture: Path, terminal: Terminal) -> None:
    child = start(picture, seconds=0.5, stdout=terminal.slave, stderr=terminal.slave)
    try:
        terminal.read_until('An image of a mug on')
        assert child.poll() is None
        assert 'table' not in terminal.output
        assert '<' not in terminal.output
    finally:
        child.kill()
        child.wait()


def test_output_into_a_file_is_whole_and_clean(picture: Path, terminal: Terminal) -> None:
    child = start(picture, stdout=subprocess.PIPE, stderr=terminal.slave)
    output, _ = child.communicate(timeout=60)
    assert output.splitlines()[1] == ANSWER
    assert terminal.rest() == f'{ANSWER}\n'


def test_json_stays_json(picture: Path, terminal: Terminal) -> None:
    child = start(picture, '--json', stdout=subprocess.PIPE, stderr=terminal.slave)
    output, _ = child.communicate(timeout=60)
    assert json.loads(output)['text'] == 'An image of a mug on a table.'


@pytest.mark.parametrize('options', [[], ['--json']])
def test_without_a_terminal_nothing_is_shown(picture: Path, options: list[str]) -> None:
    child = start(picture, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = child.communicate(timeout=60)
    assert (child.returncode, errors) == (0, '')
    assert output.count('An image of a mug on a table.') == 1


def test_a_locate_shows_no_words(picture: Path, terminal: Terminal) -> None:
    child = start(picture, 'the mug', stdout=subprocess.PIPE, stderr=terminal.slave)
    output, _ = child.communicate(timeout=60)
    assert output.startswith('NOT_FOUND (LOCATE')
    assert terminal.rest() == ''


def test_ctrl_c_ends_the_line_and_the_program(picture: Path, terminal: Terminal) -> None:
    child = start(picture, seconds=0.5, stdout=terminal.slave, stderr=terminal.slave)
    terminal.read_until('An image of a')
    child.send_signal(signal.SIGINT)
    assert child.wait(30) == 130
    lines = terminal.rest().splitlines()
    assert lines[0].startswith('answer: An image of a')
    assert lines[1:] == ['interrupted']
