# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Children are watched, and none outlives its parent."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import signal
import sys
import time

import pytest

from kosmos_ros.demo.processes import ChildProcess, KEPT_LINES, ProcessDiedError, ProcessGroup

ROOT = Path(__file__).resolve().parents[2]

SLEEPER = 'import time; print("up", flush=True); time.sleep(600)'
STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print('up', grandchild.pid, flush=True)
time.sleep(600)
"""
PARENT = """
import os, pathlib, sys
from kosmos_ros.demo.processes import ChildProcess, ProcessGroup
folder = pathlib.Path(sys.argv[1])
with ProcessGroup() as group:
    for name in ('one', 'two'):
        command = [sys.executable, '-c', {child!r}]
        child = ChildProcess(name, command, dict(os.environ), folder / name)
        group.add(child)
        print('child', child.pid, flush=True)
    import time
    time.sleep(600)
"""


def start(
    name: str, code: str, folder: Path, listener: Callable[[str], None] | None = None
) -> ChildProcess:
    command = [sys.executable, '-c', code]
    return ChildProcess(name, command, dict(os.environ), folder / f'{name}.log', listener)


def exists(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not yet collected does not."""
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    # The second one, when it ends while the file is open.
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != 'Z'


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_dead_child_is_reported_with_its_last_words(tmp_path: Path) -> None:
    code = 'import sys; print("\\n".join(map(str, range(40)))); sys.exit("out of luck")'
    child = start('luckless', code, tmp_path)
    assert wait_until(lambda: not child.running)
    with pytest.raises(ProcessDiedError, match='luckless ended with exit code 1') as caught:
        child.check()
    message = str(caught.value)
    assert '  | out of luck' in message
    assert message.count('  | ') == KEPT_LINES
    assert str(tmp_path / 'luckless.log') in message
    assert (tmp_path / 'luckless.log').read_text().splitlines()[0] == '0'


def test_a_child_ended_by_a_signal_says_so(tmp_path: Path) -> None:
    child = start('victim', SLEEPER, tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    assert wait_until(lambda: not child.running)
    with pytest.raises(ProcessDiedError, match='victim was ended by SIGKILL'):
        child.check()


def test_a_running_child_is_no_news(tmp_path: Path) -> None:
    with ProcessGroup() as group:
        child = start('sleeper', SLEEPER, tmp_path)
        group.add(child)
        group.check()
        assert exists(child.pid)
    assert not exists(child.pid)


def test_lines_are_passed_on_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    with ProcessGroup() as group:
        group.add(start('sleeper', SLEEPER, tmp_path, lines.append))
        assert wait_until(lambda: lines == ['up'])


def test_a_child_that_ignores_signals_ends_too_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ((signal.SIGINT, 0.2), (signal.SIGTERM, 0.2), (signal.SIGKILL, 5.0))
    monkeypatch.setattr('kosmos_ros.demo.processes._STEPS', steps)
    lines: list[str] = []
    with ProcessGroup() as group:
        child = start('stubborn', STUBBORN, tmp_path, lines.append)
        group.add(child)
        assert wait_until(lambda: bool(lines))
    grandchild = int(lines[0].split()[1])
    assert wait_until(lambda: not exists(child.pid) and not exists(grandchild))


def test_an_error_in_the_block_ends_the_children(tmp_path: Path) -> None:
    child = start('sleeper', SLEEPER, tmp_path)

    def fail() -> None:
        with ProcessGroup() as group:
            group.add(child)
            raise RuntimeError('oops')

    with pytest.raises(RuntimeError, match='oops'):
        fail()
    assert not exists(child.pid)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_its_parent(
    start_process: Callable[..., object], tmp_path: Path, number: signal.Signals
) -> None:
    parent = start_process(
        '-c', PARENT.format(child=SLEEPER), tmp_path, environment={'PYTHONPATH': str(ROOT)}
    )
    match = parent.wait_for_output(r'child (\d+)\s+child (\d+)')
    children = [int(pid) for pid in match.groups()]
    assert all(exists(pid) for pid in children)
    os.kill(parent.pid, number)
    assert wait_until(lambda: not any(exists(pid) for pid in children))
