# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Damaged files of every format are refused by name, or read, within a gigabyte and in short time.

Spans ``recordings``, ``datasets``, ``batch`` and ``results``. ``KOSMOS_ROS_DAMAGED_FILES=2000`` in
the environment tries so many of each format instead of 40.
"""

from __future__ import annotations

import os
from pathlib import Path
import subprocess
import sys

import pytest


@pytest.mark.timeout(3600)
def test_damaged_files_are_refused_or_harmless(tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name('fuzzed.py')), str(tmp_path)]
    count = os.environ.get('KOSMOS_ROS_DAMAGED_FILES', '40')
    done = subprocess.run([*program, count], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    assert done.stdout.splitlines()[-1] == f'read {13 * int(count)} files, 0 of them wrongly'
