# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Run the steps one after the other, each in a process of its own and within its time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from kosmos_ros.core.errors import KosmosError, MissingDependencyError
from kosmos_ros.core.files import write_text
from scripts.gpu_check.steps import GPU, SECONDS, Step, STEPS, WEIGHTS
from scripts.gpu_check.task import Found, Task

ROOT = Path(__file__).resolve().parents[2]

LEAST = 10.0
"""Seconds that have to be left for a step to begin."""


def check(task: Task, keep: Callable[[dict[str, Found]], None], seconds: float = SECONDS) -> None:
    """
    Run all steps.

    :param keep: called after each step with what all found so far.
    :param seconds: for all of them; what each may take grows and shrinks with it.
    """
    end, found = time.monotonic() + seconds, dict[str, Found]()
    for name, step in STEPS.items():
        left = end - time.monotonic()
        reason = obstacle(task, step, found)
        if not reason and left < LEAST:
            reason = f'time: {max(left, 0):.0f} of {seconds:.0f} s were left'
        most = min(step.seconds * seconds / SECONDS, left)
        found[name] = {'not_run': reason} if reason else run_step(task, name, most)
        keep(found)


def obstacle(task: Task, step: Step, found: dict[str, Found]) -> str:
    """Return why a step cannot run after what earlier ones found, '' if it can."""
    if task.device != 'cpu' and 'name' not in found.get(GPU, {'name': ''}):
        return f'no GPU can be used: see {GPU}'
    if step.on_weights and not task.model and 'model' not in found.get(WEIGHTS, {}):
        return f'there is no model: see {WEIGHTS}'
    return ''


def run_step(task: Task, name: str, seconds: float) -> Found:
    """Run a step for at most so many seconds, and return what it found."""
    begin = time.monotonic()
    result, log = files(task, name)
    result.parent.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    command = [sys.executable, '-m', 'scripts.gpu_check', '--step', name]
    command += ['--device', task.device, '--model', task.model, '--output', str(task.output)]
    with log.open('w', encoding='utf-8') as stream:
        status = wait_for(command, stream.fileno(), seconds)
    found: Found = json.loads(result.read_text(encoding='utf-8')) if result.exists() else {}
    found['seconds'] = time.monotonic() - begin
    if status is None:
        found['not_run'] = f'time: it was not done within {seconds:.0f} s'
    elif status:
        found.setdefault('failed', _last_words(log, status))
    return found


def wait_for(command: list[str], output: int, seconds: float) -> int | None:
    """Return the exit status of a command; None if it took too long and was ended."""
    # A group of its own, to end what it started as well.
    child = subprocess.Popen(
        command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def do_step(task: Task, name: str) -> int:
    """Do a step in this process; return 1 if it failed."""
    found: Found = {}

    def tell(more: Found) -> None:
        found.update(more)
        write_text(files(task, name)[0], json.dumps(found))

    try:
        STEPS[name].run(task, tell)
    except MissingDependencyError as error:
        tell({'not_run': str(error)})
    except KosmosError as error:
        tell({'failed': str(error)})
    return int('failed' in found)


def files(task: Task, name: str) -> tuple[Path, Path]:
    """Return the files of what a step finds and of what it prints."""
    base = Path(task.output, 'steps', name.replace(' ', '_'))
    return base.with_suffix('.json'), base.with_suffix('.log')


def _last_words(log: Path, status: int) -> str:
    lines = log.read_text(encoding='utf-8', errors='replace').strip().splitlines()
    words = lines[-1] if lines else 'without a word'
    return words if status > 0 else f'ended by signal {-status}: {words}'
