# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos-ros eval``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import eval as command
from kosmos_ros.commands import exit_codes


def test_it_prints_and_saves_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, 'load_backend', lambda _: ScriptedBackend())
    out = tmp_path / 'figures'
    code = main(['eval', '--scenes', '2', '--seed', '40', '--output', str(out)])
    captured = capsys.readouterr()
    assert code == exit_codes.FOUND
    assert 'on 2 held-out scenes (seeds 40..41)' in captured.out
    assert '2/2' in captured.err
    assert json.loads((out / 'eval.json').read_text())['scenes'] == 2


@pytest.mark.parametrize('arguments', [['--scenes', '0'], ['--seed', '1000000']])
def test_wrong_seeds_are_refused_before_the_model_is_loaded(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, 'load_backend', lambda _: pytest.fail('loaded a model'))
    assert main(['eval', *arguments]) == exit_codes.BAD_INPUT
    assert 'scene' in capsys.readouterr().err
