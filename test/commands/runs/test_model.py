# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is known of a model before it is loaded."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import shutil

import pytest

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, write_calibration
from kosmos_ros.backends.checkpoint.files import EMBEDDED_FOLDER
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.commands.runs.model import model_facts
from kosmos_ros.core.model.calibration import Calibration, Scaling


def facts(folder: Path) -> dict[str, str]:
    others = {'dtype': 'auto', 'quantization': 'none', 'existence_signals': 'free'}
    return model_facts(Namespace(model=str(folder), **others))


def test_answers_depend_on_the_calibration_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    model = shutil.copytree(EMBEDDED_FOLDER, tmp_path / 'model')
    beside = facts(model)
    (model / CALIBRATION_FILE).unlink()
    without = facts(model)
    assert without != beside

    fingerprint = model_fingerprint(model)
    own = tmp_path / 'data' / 'kosmos_ros' / 'calibration' / fingerprint
    own.mkdir(parents=True)
    found = [without]
    for temperature in (0.5, 2.0):
        calibration = Calibration(Scaling(temperature), fitted=('existence',))
        write_calibration(own, calibration, {}, fingerprint)
        found.append(facts(model))
    assert len({one['calibration'] for one in found}) == 3
    assert len({one['checkpoint'] for one in found}) == 1
