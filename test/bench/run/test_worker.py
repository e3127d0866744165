# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A worker writes what it found, or why it found nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.bench.jobs import WorkerJob
from kosmos_ros.bench.run.worker import KINDS, main


def work(job: WorkerJob, folder: Path) -> Any:
    (folder / 'job.json').write_text(json.dumps(asdict(job)))
    assert main([str(folder / 'job.json'), str(folder / 'result.json')]) == 0
    return json.loads((folder / 'result.json').read_text())


def test_a_model_is_described(tmp_path: Path) -> None:
    found = work(WorkerJob('describe', str(tmp_path), 'tabletop'), tmp_path)
    weights = load_file(find_checkpoint('tabletop') / 'model.safetensors')
    parameters = sum(values.size for values in weights.values())
    assert found == {'parameters': parameters, 'large': False, 'note': ''}


@pytest.mark.parametrize(
    'error', [ImportError("No module named 'rclpy'"), MemoryError(), ValueError('no such dtype')]
)
def test_what_goes_wrong_is_the_result(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: WorkerJob) -> dict[str, Any]:
        raise error

    monkeypatch.setitem(KINDS, 'node', fail)
    found = work(WorkerJob('node', str(tmp_path)), tmp_path)
    assert found == {'error': str(error) or 'MemoryError'}


def test_nothing_of_torch_is_there_before_the_factory_prepares_it(
    modules_after: Callable[[str], list[str]],
) -> None:
    loaded = modules_after('kosmos_ros.bench.run.worker')
    assert 'kosmos_ros.bench.run.worker' in loaded
    assert 'torch' not in loaded
