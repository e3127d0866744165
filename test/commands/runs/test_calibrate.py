# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos-ros calibrate``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, read_calibration
from kosmos_ros.backends.checkpoint.files import CHECKSUMS
from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import calibrate as command
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.types import Box


@pytest.fixture
def overconfident(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the model: it is sure of everything, and calibrated to be even surer."""
    found = located('x', Box(0.1, 0.1, 0.2, 0.2), existence=0.99, score=0.99)
    backend = ScriptedBackend(
        located=lambda _: found,
        generated=lambda _: ' a red cube.',
        calibration=Calibration(existence=Scaling(0.1, 5.0)),
    )
    monkeypatch.setattr(command, 'load_model', lambda *_, **__: backend)


@pytest.mark.usefixtures('overconfident')
def test_it_fits_prints_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'new'
    arguments = ['calibrate', '--scenes', '6', '--seed', '700', '--output', str(out)]
    assert main(arguments) == exit_codes.FOUND
    captured = capsys.readouterr()
    assert 'fitted on 6 scenes (seeds 700..705), judged on 6 others (seeds 0..5)' in captured.out
    assert 'not in use yet' in captured.out
    assert '6/6' in captured.err
    assert 'judging, far' in captured.err
    calibration = read_calibration(out)
    assert calibration.existence(0.99) < 0.9
    assert calibration.covers(['closer_existence'])
    assert calibration.closer_existence(0.99) < 0.9
    measured = json.loads((out / CALIBRATION_FILE).read_text())['measured']
    figures = measured['figures']['existence']
    assert figures['before']['mean_score'] == 0.99
    assert figures['after']['nll'] < figures['before']['nll']
    assert (out / 'reliability.png').stat().st_size > 1000


@pytest.mark.usefixtures('overconfident')
def test_it_writes_into_a_model_on_demand(tmp_path: Path) -> None:
    model, out = tmp_path / 'model', tmp_path / 'out'
    model.mkdir()
    save_file({'x': np.zeros(4, np.float32)}, model / 'model.safetensors')
    (model / CHECKSUMS).write_text('')
    folders = ['--model', str(model), '--output', str(out)]
    assert main(['calibrate', '--scenes', '6', '--write', *folders]) == exit_codes.FOUND
    assert read_calibration(model) == read_calibration(out)
    assert CALIBRATION_FILE in (model / CHECKSUMS).read_text()


@pytest.mark.usefixtures('overconfident')
def test_too_few_answers_are_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['calibrate', '--scenes', '1', '--output', str(tmp_path)]
    assert main(arguments) == exit_codes.BAD_INPUT
    assert 'no calibration.json is written' in capsys.readouterr().err
    assert not (tmp_path / CALIBRATION_FILE).exists()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--scenes', '0'], 'at least one scene'),
        (['--seed', '99999', '--scenes', '2'], 'held-out'),
        (['--seed', '10', '--scenes', '20'], '--seed must be 20 or more'),
    ],
)
def test_wrong_arguments_are_explained_before_anything_is_loaded(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['calibrate', *arguments]) == exit_codes.BAD_INPUT
    captured = capsys.readouterr()
    assert message in captured.err
    assert 'loading' not in captured.err
