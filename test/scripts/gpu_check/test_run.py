# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Steps end in their time, lose nothing that they told, and do not take others with them."""

from __future__ import annotations

import json
import os
from pathlib import Path
import sys
import time
from typing import Any

import pytest

from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError
from scripts.gpu_check import run
from scripts.gpu_check.run import check, do_step, files, run_step, wait_for
from scripts.gpu_check.steps import GPU, SECONDS, Step, STEPS, WEIGHTS
from scripts.gpu_check.task import Found, Task, Tell

FOUND: dict[str, Found] = {GPU: {'name': 'a GPU'}, WEIGHTS: {'model': 'a folder'}}


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Return a task on a GPU."""
    return Task('cuda', '', tmp_path)


def all_steps(task: Task, seconds: float = SECONDS) -> dict[str, Found]:
    """Run all steps and return what was kept last."""
    kept: list[dict[str, Found]] = []
    check(task, lambda found: kept.append(dict(found)), seconds)
    assert [list(found) for found in kept] == [[*STEPS][: n + 1] for n in range(len(STEPS))]
    return kept[-1]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Found]:
    """Stand in for the processes of steps: return what each finds, to be changed."""
    found = dict(FOUND)
    monkeypatch.setattr(run, 'run_step', lambda _, name, __: dict(found.get(name, {})))
    return found


def test_all_steps_run_in_order(task: Task, given: dict[str, Found]) -> None:
    assert all_steps(task) == {name: {} for name in STEPS} | given


def test_without_a_gpu_nothing_else_runs(task: Task, given: dict[str, Found]) -> None:
    given[GPU] = {'not_run': 'no driver'}
    others = all_steps(task)
    assert others.pop(GPU) == given[GPU]
    assert all(f'see {GPU}' in found['not_run'] for found in others.values())


def test_a_cpu_needs_no_gpu(tmp_path: Path, given: dict[str, Found]) -> None:
    given[GPU] = {'not_run': 'the CPU was asked for'}
    assert 'not_run' not in all_steps(Task('cpu', '', tmp_path))['bfloat16']


def test_without_weights_the_tests_run_all_the_same(task: Task, given: dict[str, Found]) -> None:
    given[WEIGHTS] = {'failed': 'the disk is full'}
    found = all_steps(task)
    assert found['CUDA tests'] == {}
    assert f'see {WEIGHTS}' in found['bfloat16']['not_run']


@pytest.mark.usefixtures('given')
@pytest.mark.parametrize(('device', 'late'), [('cpu', len(STEPS)), ('cuda', 1)])
def test_what_time_does_not_suffice_for_is_said(tmp_path: Path, device: str, late: int) -> None:
    found = all_steps(Task(device, 'a model', tmp_path), seconds=5.0)
    assert all('not_run' in one for one in found.values())
    assert sum(one['not_run'].startswith('time: ') for one in found.values()) == late


def wait(seconds: int) -> list[str]:
    """Return a command that starts another one, says its process id, and waits for it."""
    code = (
        'import subprocess, sys; child = subprocess.Popen([sys.executable, "-c", "import time; '
        f'time.sleep({seconds})"]); print(child.pid, flush=True); child.wait()'
    )
    return [sys.executable, '-c', code]


def test_a_late_command_is_ended_with_what_it_started(tmp_path: Path) -> None:
    path = tmp_path / 'output'
    with path.open('w') as stream:
        assert wait_for(wait(600), stream.fileno(), 3.0) is None
    words = path.read_text()
    if words:
        for _ in range(100):
            if not alive(int(words)):
                return
            time.sleep(0.1)
        pytest.fail(f'process {words} still runs')


def alive(pid: int) -> bool:
    """Return whether a process runs; one that is dead and not waited for does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def test_a_status_is_returned(tmp_path: Path) -> None:
    with (tmp_path / 'output').open('w') as stream:
        assert wait_for([sys.executable, '-c', 'raise SystemExit(3)'], stream.fileno(), 60.0) == 3


@pytest.mark.parametrize(
    ('status', 'told', 'expected'),
    [
        (0, {}, {'half': 1}),
        (None, {}, {'half': 1, 'not_run': 'time: it was not done within 9 s'}),
        (1, {}, {'half': 1, 'failed': 'ValueError: why'}),
        (-9, {}, {'half': 1, 'failed': 'ended by signal 9: ValueError: why'}),
        (1, {'failed': 'itself'}, {'half': 1, 'failed': 'itself'}),
    ],
)
def test_a_step_keeps_what_it_told_however_it_ends(
    task: Task,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    told: Found,
    expected: Found,
) -> None:
    def child(command: list[str], output: int, seconds: float) -> int | None:
        assert command[command.index('--output') + 1] == str(task.output)
        files(task, '8 bit')[0].write_text(json.dumps({'half': 1} | told))
        os.write(output, b'Traceback\nValueError: why\n')
        return status

    monkeypatch.setattr(run, 'wait_for', child)
    found = run_step(task, '8 bit', 9.0)
    assert found.pop('seconds') >= 0
    assert found == expected


def test_what_an_earlier_run_found_is_forgotten(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files(task, '8 bit')[0]
    path.parent.mkdir()
    path.write_text('{"old": 1}')
    monkeypatch.setattr(run, 'wait_for', lambda *_: 1)
    found = run_step(task, '8 bit', 9.0)
    assert found['failed'] == 'without a word'
    assert 'old' not in found


@pytest.mark.parametrize(
    ('error', 'key', 'status'),
    [
        (MissingDependencyError('pip install it'), 'not_run', 0),
        (ModelLoadError('it is damaged'), 'failed', 1),
        (None, 'second', 0),
    ],
)
def test_a_step_tells_why_it_ended(
    task: Task,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
    key: str,
    status: int,
) -> None:
    def work(_: Task, tell: Tell) -> None:
        tell({'first': 1})
        if error:
            raise error
        tell({'second': 2})

    monkeypatch.setitem(STEPS, '8 bit', Step(work, 1))
    path = files(task, '8 bit')[0]
    path.parent.mkdir()
    assert do_step(task, '8 bit') == status
    found: dict[str, Any] = json.loads(path.read_text())
    assert found['first'] == 1
    assert key in found
