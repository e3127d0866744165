# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Programs are started, and what they computed is counted."""

from __future__ import annotations

import sys

import pytest

from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.measure.start import taken_by

BUSY = 'import time\nwhile time.process_time() < 0.3: pass'


def test_computing_is_told_from_waiting() -> None:
    busy = taken_by([sys.executable, '-c', BUSY])
    idle = taken_by([sys.executable, '-c', 'import time; time.sleep(0.3)'])
    assert busy.computing >= 0.3
    assert idle.passed >= 0.3 > idle.computing


def test_a_program_that_fails_is_an_error() -> None:
    with pytest.raises(BenchError, match='ended with 3'):
        taken_by([sys.executable, '-c', 'raise SystemExit(3)'])
