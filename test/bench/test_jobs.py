# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Workers give results or reasons, and leave nothing running."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kosmos_ros.bench import jobs
from kosmos_ros.bench.jobs import environment_of, read_job, run_job, WorkerJob
from kosmos_ros.bench.machine import BenchError

SAYS_AND_WRITES = """
import pathlib, sys
print('something of a library')
print('bench: half done')
pathlib.Path(sys.argv[2]).write_text('{"value": 7}')
"""
DIES = 'import os, signal; print("allocating", flush=True); os.kill(os.getpid(), signal.SIGKILL)'


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the file of a program that is run in place of the worker."""
    program = tmp_path / 'program.py'
    monkeypatch.setattr(jobs, 'WORKER', (str(program),))
    return program


def test_a_result_comes_back_and_words_are_passed_on(worker: Path, tmp_path: Path) -> None:
    worker.write_text(SAYS_AND_WRITES)
    said: list[str] = []
    found = run_job(WorkerJob('any', str(tmp_path)), 'any', said.append)
    assert found['value'] == 7
    assert said == ['half done']
    assert 'something of a library' in (tmp_path / 'logs' / 'any.log').read_text()


def test_the_memory_of_a_worker_is_watched(worker: Path, tmp_path: Path) -> None:
    worker.write_text(SAYS_AND_WRITES + 'import time; block = b"x" * 90_000_000; time.sleep(1)')
    found = run_job(WorkerJob('any', str(tmp_path)), 'any', print)
    assert 90_000_000 < found['peak_without_files'] < 200_000_000


def test_a_worker_that_is_killed_is_a_reason(worker: Path, tmp_path: Path) -> None:
    worker.write_text(DIES)
    with pytest.raises(BenchError, match=r'SIGKILL.*allocating'):
        run_job(WorkerJob('any', str(tmp_path)), 'any', print)


def test_an_old_result_is_not_taken_for_a_new_one(worker: Path, tmp_path: Path) -> None:
    worker.write_text(SAYS_AND_WRITES)
    run_job(WorkerJob('any', str(tmp_path)), 'any', print)
    worker.write_text('pass')
    with pytest.raises(BenchError, match='exit code 0'):
        run_job(WorkerJob('any', str(tmp_path)), 'any', print)


def test_jobs_come_back_from_their_files(tmp_path: Path) -> None:
    job = WorkerJob('describe', str(tmp_path), '/nowhere', quick=True, options={'a': [1]})
    with pytest.raises(BenchError, match='no such folder'):
        run_job(job, 'describe', print)
    assert read_job(tmp_path / 'logs' / 'describe.job.json') == job


def test_the_recipe_is_measured_without_anything_of_ours(
    modules_after: Callable[[str], list[str]],
) -> None:
    loaded = modules_after('kosmos_ros.bench.measure.recipe')
    assert 'kosmos_ros.bench.measure.recipe' in loaded
    assert [name for name in loaded if name.startswith('kosmos_ros.backends')] == []


def test_openvino_does_not_report_to_its_maker(tmp_path: Path) -> None:
    for kind in ('openvino', 'peer_check', 'peer_export'):
        assert environment_of(WorkerJob(kind, str(tmp_path)))['CI'] == 'true'
