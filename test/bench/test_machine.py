# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The machine is described by what the system says."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from kosmos_ros.bench.machine import (
    available_memory,
    machine,
    memory_without_files,
    peak_gpu_memory,
    peak_memory,
)


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


@pytest.mark.parametrize(('used', 'expected'), [(True, 7), (False, 0)])
def test_the_peak_of_a_gpu_is_that_of_a_process_that_used_one(
    monkeypatch: pytest.MonkeyPatch, used: bool, expected: int
) -> None:
    cuda = SimpleNamespace(is_initialized=lambda: used, max_memory_reserved=lambda: 7)
    monkeypatch.setitem(sys.modules, 'torch', SimpleNamespace(cuda=cuda))
    assert peak_gpu_memory() == expected
    monkeypatch.delitem(sys.modules, 'torch')
    assert peak_gpu_memory() == 0
