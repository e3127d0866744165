# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is measured, in which order, and what is left out; workers are stood in for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.bench.jobs import WorkerJob
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.run import attempts, session
from kosmos_ros.bench.run.session import BenchOptions, run_bench

Measure = Callable[..., dict[str, Any]]


class Workers:
    """Gives made-up results and keeps the jobs."""

    def __init__(self, large: bool = False, failing: str = '') -> None:
        self.jobs: list[WorkerJob] = []
        self._large = large
        self._failing = failing

    def __call__(self, job: WorkerJob, name: str, say: Callable[[str], None]) -> dict[str, Any]:
        self.jobs.append(job)
        if self._failing and self._failing in name:
            raise BenchError('it ended')
        if job.kind == 'ours':
            dtype = job.options['settings'].get('dtype', 'float32')
            return {'caption': {'tokens': [17, 17]}, 'dtype': dtype}
        answers = {
            'describe': {'parameters': 10, 'large': self._large, 'note': ''},
            'bandwidth': {'bytes_per_second': [1e9]},
        }
        return answers.get(job.kind, {})

    def of(self, kind: str) -> list[WorkerJob]:
        return [job for job in self.jobs if job.kind == kind]


@pytest.fixture
def measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Return a function that runs everything with the given workers."""

    def run(workers: Workers, *models: str, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(attempts, 'run_job', workers)
        monkeypatch.setattr(session, 'save_picture', lambda path, _: path)
        # It would load real models.
        monkeypatch.setattr(session, 'beside_recipe', lambda *_: {})
        return run_bench(BenchOptions(models, tmp_path / 'out', **options), lambda _: None)

    return run


def test_the_default_is_not_measured_twice(measure: Measure) -> None:
    workers = Workers()
    result = measure(workers, 'tabletop')
    assert list(result['models'][0]['ours']) == ['default', 'bfloat16', 'int8']
    assert [job.options['growth'] for job in workers.of('ours')] == [True, False, False]
    assert all(job.options['accuracy'] for job in workers.of('ours'))


def test_the_recipe_writes_captions_as_long_as_ours(measure: Measure) -> None:
    workers = Workers()
    measure(workers, 'tabletop')
    assert [job.options['dtype'] for job in workers.of('recipe')] == ['float32', 'bfloat16']
    assert {job.options['caption_tokens'] for job in workers.of('recipe')} == {17}


def test_the_memory_is_read_before_each_variant(measure: Measure) -> None:
    workers = Workers()
    result = measure(workers, 'tabletop')
    assert len(result['bandwidths']) == len(workers.of('ours')) + len(workers.of('recipe'))


def test_random_weights_are_made_below_the_output(measure: Measure, tmp_path: Path) -> None:
    workers = Workers(large=True)
    result = measure(workers, 'random', tokenizer='some/where', bitsandbytes=True)
    (made,) = workers.of('random')
    folder = str(tmp_path / 'out' / 'random_checkpoint')
    assert made.options['folder'] == folder
    assert made.options['tokenizer'] == 'some/where'
    assert {job.model for job in workers.of('ours')} == {folder}
    assert result['models'][0]['name'] == 'random'
    assert {'8bit', '4bit'} <= set(result['models'][0]['ours'])
    assert not any(job.options['accuracy'] for job in workers.of('ours'))


def test_what_fails_is_left_out_with_the_reason(measure: Measure) -> None:
    result = measure(Workers(failing='int8'), 'tabletop')
    assert result['models'][0]['ours']['int8'] == {'left_out': 'it ended'}
    assert measure(Workers(failing='node'), 'tabletop')['node'] == {'left_out': 'it ended'}


def test_what_does_not_fit_into_memory_is_not_tried(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, 'available_memory', lambda: 1000)
    workers = Workers()
    result = measure(workers, 'tabletop')
    assert 'GB of memory' in result['models'][0]['ours']['default']['left_out']
    assert not workers.of('ours')


def test_a_peer_is_measured_where_it_does_the_same_work(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert measure(Workers(), 'tabletop')['models'][0]['peer'] == {}
    monkeypatch.setattr(session, 'peer_versions', lambda: {'openvino': '1'})
    monkeypatch.setattr(session, 'beside_openvino', lambda *_: {'int8': {}})
    result = measure(Workers(), 'tabletop', peer='openvino')
    assert result['peer'] == {'name': 'openvino', 'packages': {'openvino': '1'}}
    assert result['models'][0]['peer'] == {'int8': {}}
    result = measure(Workers(failing='openvino_check'), 'tabletop', peer='openvino')
    assert result['peer']['left_out'] == 'it ended'
    assert result['models'][0]['peer'] == {}


def test_an_unknown_model_is_an_error(measure: Measure) -> None:
    with pytest.raises(BenchError, match='it ended'):
        measure(Workers(failing='nowhere'), 'nowhere')
