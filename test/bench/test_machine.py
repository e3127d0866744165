# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The machine is described by what the system says."""

from __future__ import annotations

import json
import os

import numpy as np

from kosmos_ros.bench.machine import available_memory, machine, memory_without_files, peak_memory


def test_a_machine_is_data() -> None:
    described = machine()
    assert json.loads(json.dumps(described)) == described
    assert described['cores'] == len(os.sched_getaffinity(0))
    assert described['cpu']
    assert described['packages']['torch']
    assert described['memory_bytes'] > available_memory() > 0


def test_the_peak_remembers_what_is_gone() -> None:
    before = memory_without_files()
    block = np.ones(64_000_000, dtype=np.uint8)
    assert memory_without_files() - before > 60_000_000
    peak = peak_memory()
    del block
    # The kernel counts in steps.
    assert peak_memory() > peak - 4_000_000 > before
