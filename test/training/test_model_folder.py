# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.model_folder``."""

from __future__ import annotations

from pathlib import Path

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from kosmos_ros.backends.checkpoint.files import CHECKSUMS
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE
from training.model_folder import finish


def test_a_finished_folder_is_readable_checked_and_not_calibrated(tmp_path: Path) -> None:
    weights = tmp_path / 'model.safetensors'
    weights.write_bytes(b'weights')
    weights.chmod(0o600)
    others = [tmp_path / name for name in (CALIBRATION_FILE, SELF_CHECK_FILE)]
    for path in others:
        path.write_text('{}')
    finish(tmp_path)
    assert not any(path.exists() for path in others)
    assert 'model.safetensors' in (tmp_path / CHECKSUMS).read_text()
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in tmp_path.iterdir())
