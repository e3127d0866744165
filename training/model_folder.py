# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The last step of making any model folder."""

from __future__ import annotations

from pathlib import Path

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from kosmos_ros.backends.checkpoint.files import write_checksums
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE


def finish(folder: Path) -> None:
    """
    Complete a folder with new weights: checksums, and files readable by all.

    Calibration and test question are removed: they are another model's.
    """
    for name in (CALIBRATION_FILE, SELF_CHECK_FILE):
        (folder / name).unlink(missing_ok=True)
    write_checksums(folder)
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o644)
