# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the first steps find."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from scripts.gpu_check.steps import find_gpu, make_weights, SECONDS, STEPS
from scripts.gpu_check.task import FORMATS, Found, Task

ONES = torch.ones


def told_of(device: str, folder: Path) -> Found:
    """Look for a GPU."""
    found: Found = {}
    find_gpu(Task(device, '', folder), found.update)
    return found


def test_a_gpu_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = SimpleNamespace(name='a GPU', total_memory=7, major=9, minor=0)
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setattr(torch, 'ones', lambda size, device: ONES(size))
    monkeypatch.setattr(torch.cuda, 'get_device_properties', lambda _: about)
    found = told_of('cuda', tmp_path)
    assert (found['name'], found['memory_bytes'], found['capability']) == ('a GPU', 7, '9.0')


def test_a_missing_gpu_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(torch.version, 'cuda', None)
    monkeypatch.setattr(torch.version, 'hip', None)
    reason = told_of('cuda', tmp_path)['not_run']
    assert 'sees 0 CUDA devices' in reason
    assert 'built without CUDA' in reason
    assert told_of('cpu', tmp_path) == {'not_run': 'the CPU was asked for'}


def test_a_model_of_ones_own_needs_no_random_weights(tmp_path: Path) -> None:
    found: Found = {}
    make_weights(Task('cuda', 'tabletop', tmp_path), found.update)
    assert found == {'model': 'tabletop'}
    assert not [*tmp_path.iterdir()]


def test_every_format_has_a_step_and_none_takes_all_the_time() -> None:
    assert set(FORMATS) < set(STEPS)
    assert all(step.seconds < SECONDS / 2 for step in STEPS.values())
