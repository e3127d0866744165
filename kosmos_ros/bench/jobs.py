# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Jobs and results of worker processes.

Each variant of a model runs in a process of its own: its memory is its own, and nothing that an
earlier one left behind affects it. Jobs and results are JSON files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
import json
from pathlib import Path
import sys
import time
from typing import Any

from kosmos_ros.bench.machine import BenchError, memory_without_files
from kosmos_ros.bringup import memory_environment
from kosmos_ros.demo.processes import (
    ChildProcess,
    package_environment,
    ProcessDiedError,
    ProcessGroup,
)

SAYS = 'bench: '
"""Begins the lines of a worker's output that are for the user."""

WORKER = ('-m', 'kosmos_ros.bench.run.worker')
"""Program that does a job, as an argument of Python."""

OPENVINO_KINDS = ('openvino', 'peer_check', 'peer_export')

NO_REPORTS = {'CI': 'true'}
"""OpenVINO and nncf report each use to their makers, but not from automated tests."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class WorkerJob:
    """
    What to measure.

    :param kind: a name in ``kosmos_ros.bench.run.worker.KINDS``.
    :param folder: for files of the run.
    :param model: as ModelSettings takes it.
    :param options: of the kind, in types of JSON.
    """

    kind: str
    folder: str
    model: str = ''
    quick: bool = False
    large: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def read_job(path: Path) -> WorkerJob:
    """Read what ``run_job`` wrote."""
    return WorkerJob(**json.loads(path.read_text(encoding='utf-8')))


def write_job(job: WorkerJob, name: str) -> Path:
    """Write a job among the logs of its folder, where ``read_job`` finds it."""
    path = Path(job.folder, 'logs', f'{name}.job.json')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(job)), encoding='utf-8')
    return path


def run_job(job: WorkerJob, name: str, say: Callable[[str], None]) -> dict[str, Any]:
    """
    Run a worker and return its result.

    It includes ``peak_without_files``: the most bytes that it held, sampled ten times a second.

    :param name: for file names and messages.
    :param say: called with the worker's messages.
    :raises BenchError: if it could not measure, with the reason.
    """
    task = write_job(job, name)
    result, log = (task.with_name(f'{name}.{end}') for end in ('result.json', 'log'))
    result.unlink(missing_ok=True)

    def listen(line: str) -> None:
        if line.startswith(SAYS):
            say(line.removeprefix(SAYS))

    command = [sys.executable, *WORKER, str(task), str(result)]
    with ProcessGroup() as group:
        child = ChildProcess(name, command, environment_of(job), log, listen)
        group.add(child)
        most = 0
        while child.running:
            most = max(most, memory_without_files(child.pid))
            time.sleep(_POLL_SECONDS)
        if not result.exists():
            raise BenchError(_last_words(child))
    found: dict[str, Any] = json.loads(result.read_text(encoding='utf-8'))
    if 'error' in found:
        raise BenchError(found['error'])
    return found | {'peak_without_files': most}


def worker_environment() -> dict[str, str]:
    """Return the environment of a child of the benchmark, which downloads nothing."""
    return package_environment() | {'HF_HUB_OFFLINE': '1'}


def environment_of(job: WorkerJob) -> dict[str, str]:
    """Return the environment of a job's process."""
    environment = worker_environment()
    if job.kind in OPENVINO_KINDS:
        environment |= NO_REPORTS
    if job.kind == 'ours':
        # As the launch file starts the node; the recipe gets the environment of a plain script.
        environment |= memory_environment(environment)
    return environment


def _last_words(child: ChildProcess) -> str:
    """Return in a line how a worker without result ended; by SIGKILL: for lack of memory."""
    try:
        child.check()
    except ProcessDiedError as error:
        first, *rest = str(error).splitlines()
        return f'{first} {rest[-1].strip(" |") if rest else ""}'.strip()
    return f'{child.name} gave no result'
