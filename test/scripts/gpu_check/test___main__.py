# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What ``make gpu-check`` writes and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.gpu_check import run
from scripts.gpu_check.__main__ import main
from scripts.gpu_check.steps import GPU, STEPS, WEIGHTS
from scripts.gpu_check.task import Found


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Found]:
    """Stand in for the processes of steps: return what each finds, to be changed."""
    found: dict[str, Found] = {GPU: {'name': 'a GPU'}, WEIGHTS: {'model': 'a folder'}}
    monkeypatch.setattr(run, 'run_step', lambda _, name, __: dict(found.get(name, {})))
    return found


@pytest.mark.parametrize(
    ('device', 'found', 'status'),
    [
        ('cuda', {}, 0),
        ('cuda', {'not_run': 'time'}, 1),
        ('cpu', {'not_run': 'time'}, 0),
        ('cpu', {'failed': 'why'}, 1),
    ],
)
def test_only_what_had_to_run_and_did_not_is_an_error(
    given: dict[str, Found], tmp_path: Path, device: str, found: Found, status: int
) -> None:
    given['4 bit'] = found
    assert main(['--device', device, '--output', str(tmp_path)]) == status


def test_files_hold_the_steps_that_are_done(
    given: dict[str, Found],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[list[str]] = []

    def step(_: object, name: str, __: float) -> Found:
        path = tmp_path / 'gpu_check.json'
        seen.append([*json.loads(path.read_text())['steps']] if path.exists() else [])
        return given.get(name, {'failed': 'why'} if name == '4 bit' else {})

    monkeypatch.setattr(run, 'run_step', step)
    assert main(['--output', str(tmp_path)]) == 1
    assert seen == [[*STEPS][:count] for count in range(len(STEPS))]
    assert '4 bit: failed: why\n' in capsys.readouterr().out
    assert '4 bit: failed: why' in (tmp_path / 'gpu_check.html').read_text()
