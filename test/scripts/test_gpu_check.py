# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What ``make gpu-check`` says where there is no GPU, and of steps that fail or lack time."""

from __future__ import annotations

import json
from pathlib import Path
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from scripts import gpu_check


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stand in for the child processes: there is no GPU, and steps print an empty result."""
    started: list[list[str]] = []

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        started.append(command)
        return SimpleNamespace(returncode=0, stdout='' if '-c' in command else '{}\n', stderr='')

    monkeypatch.setattr(subprocess, 'run', run)
    return started


def test_without_a_gpu_each_step_says_that_it_did_not_run(
    children: list[list[str]], tmp_path: Path
) -> None:
    assert gpu_check.main(['--output', str(tmp_path)]) == 1
    found = json.loads((tmp_path / 'gpu_check.json').read_text())
    assert list(found['steps']) == list(gpu_check.steps())
    assert all('no CUDA device' in step['not_run'] for step in found['steps'].values())
    assert not [command for command in children if '--step' in command]
    assert '4 bit: not run' in (tmp_path / 'gpu_check.html').read_text()


def test_on_a_cpu_the_steps_run_one_by_one(children: list[list[str]], tmp_path: Path) -> None:
    assert gpu_check.main(['--device', 'cpu', '--output', str(tmp_path)]) == 0
    names = [command[command.index('--step') + 1] for command in children if '--step' in command]
    assert names == list(gpu_check.steps())


@pytest.mark.parametrize(
    ('ended', 'outcome'),
    [
        (SimpleNamespace(returncode=1, stdout='', stderr='a\nValueError: b\n'), 'ValueError: b'),
        (subprocess.TimeoutExpired('python', 1.0), 'no time was left'),
    ],
    ids=['failed', 'late'],
)
def test_a_step_without_result_does_not_end_the_check(
    children: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ended: Any,
    outcome: str,
) -> None:
    answer = subprocess.run

    def run(command: list[str], **given: Any) -> Any:
        if '8 bit' not in command:
            return answer(command, **given)
        if isinstance(ended, Exception):
            raise ended
        return ended

    monkeypatch.setattr(subprocess, 'run', run)
    assert gpu_check.main(['--device', 'cpu', '--output', str(tmp_path)]) == 1
    found = json.loads((tmp_path / 'gpu_check.json').read_text())['steps']
    assert outcome in str(found['8 bit'])
    assert found['tests'] == {}
