# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos-ros bench``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('matplotlib', reason='plots need matplotlib')

from kosmos_ros.bench.machine import BenchError, machine
from kosmos_ros.bench.run import session
from kosmos_ros.bench.run.session import BenchOptions
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[BenchOptions]:
    """Measure nothing, and return what would have been."""
    found: list[BenchOptions] = []

    def run_bench(options: BenchOptions, say: Any) -> dict[str, Any]:
        found.append(options)
        say('measuring')
        options.output.mkdir()
        return {
            'when': '2026-01-02T03:04:05+00:00',
            'quick': options.quick,
            'machine': machine(),
            'models': [],
            'node': {'left_out': 'no ROS here'},
            'bandwidths': [1e10],
            'seconds': 1.0,
        }

    monkeypatch.setattr(session, 'run_bench', run_bench)
    return found


def test_it_prints_and_saves(
    asked: list[BenchOptions], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / 'out'
    assert main(['bench', '--quick', '--output', str(out)]) == exit_codes.FOUND
    captured = capsys.readouterr()
    assert 'left out: no ROS here' in captured.out
    assert 'not measured' in captured.out
    assert captured.err == 'measuring\n'
    assert json.loads((out / 'bench.json').read_text())['quick'] is True
    assert (out / 'bench.png').stat().st_size > 1000
    assert asked[0].models == ('tabletop', 'random')
    assert asked[0].node


def test_choices_reach_the_session(asked: list[BenchOptions], tmp_path: Path) -> None:
    out = tmp_path / 'out'
    arguments = ['--model', 'a/b', '/c', '--tokenizer', 'd', '--bitsandbytes', '--no-node']
    arguments += ['--peer', 'openvino']
    main(['bench', '--output', str(out), *arguments])
    assert asked == [
        BenchOptions(
            ('a/b', '/c'), out, tokenizer='d', bitsandbytes=True, node=False, peer='openvino'
        )
    ]


def test_a_model_that_is_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: Any) -> None:
        raise BenchError("model 'x': no such folder")

    monkeypatch.setattr(session, 'run_bench', fail)
    assert main(['bench', '--model', 'x', '--output', str(tmp_path)]) == exit_codes.MODEL_FAILED
    assert 'no such folder' in capsys.readouterr().err
