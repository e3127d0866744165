# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""This package beside other recipes; workers are stood in for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.bench.jobs import WorkerJob
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.run import attempts as attempts_module
from kosmos_ros.bench.run import side_by_side
from kosmos_ros.bench.run.attempts import Attempts
from kosmos_ros.bench.run.pairs import PEER_PAIRS
from kosmos_ros.bench.run.resident import Resident
from kosmos_ros.bench.run.side_by_side import (
    beside_openvino,
    beside_recipe,
    check_peer,
    peer_versions,
    Subject,
)
from kosmos_ros.core.errors import MissingDependencyError

SUBJECT = Subject('small', 'tabletop', False, 1000, 17)


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(tmp_path, tmp_path / 'picture.png', True, lambda _: None)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[WorkerJob]:
    """Return the jobs that were to be done; int8 fails to be exported."""
    done: list[WorkerJob] = []

    def run(job: WorkerJob, name: str, say: Callable[[str], None]) -> dict[str, Any]:
        done.append(job)
        if job.options.get('weights') == 'int8':
            raise BenchError('this processor has no int8')
        Path(job.options['folder'], 'bfloat16').mkdir()
        return {'exported': 'somewhere', 'peak_without_files': 1}

    def ask(resident: Resident, question: str) -> float:
        if resident._job not in done:
            done.append(resident._job)
        return {'openvino': 2.0, 'recipe': 3.0, 'ours': 1.0}[resident._job.kind]

    monkeypatch.setattr(attempts_module, 'run_job', run)
    monkeypatch.setattr(Resident, 'ask', ask)
    return done


def test_the_recipe_in_bfloat16_stands_beside_the_default(
    attempts: Attempts, jobs: list[WorkerJob]
) -> None:
    found = beside_recipe(attempts, SUBJECT)
    assert found['caption'] == {'recipe': [3.0] * 3, 'ours': [1.0] * 3}
    assert [job.kind for job in jobs] == ['recipe', 'ours']
    assert jobs[0].options['dtype'] == 'bfloat16'
    assert {job.options['caption_tokens'] for job in jobs} == {17}


def test_each_weights_stand_beside_their_like(attempts: Attempts, jobs: list[WorkerJob]) -> None:
    found = beside_openvino(attempts, SUBJECT)
    assert [job.kind for job in jobs] == ['peer_export', 'openvino', 'ours', 'peer_export']
    assert jobs[1].options['exported'] == 'somewhere'
    assert jobs[1].options['caption_tokens'] == jobs[2].options['caption_tokens'] == 17
    assert jobs[2].options['settings'] == {}
    assert set(PEER_PAIRS) < set(found['bfloat16'])
    assert found['bfloat16']['caption'] == {'recipe': [2.0] * 3, 'ours': [1.0] * 3}
    assert found['int8'] == {'left_out': 'this processor has no int8'}


def test_exported_models_do_not_stay(attempts: Attempts, jobs: list[WorkerJob]) -> None:
    beside_openvino(attempts, SUBJECT)
    assert not list(attempts.folder.iterdir())


def test_a_peer_that_writes_something_else_is_left_out(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise BenchError('token 3 differs')

    monkeypatch.setattr(attempts_module, 'run_job', fail)
    assert check_peer(attempts) == {'left_out': 'token 3 differs'}


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(side_by_side, 'version', missing)
    with pytest.raises(MissingDependencyError, match='needs openvino: pip install openvino nncf'):
        peer_versions()
