# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The step that runs out of memory, on a CPU whose memory ends where the test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import ModelSettings
from scripts.gpu_check import memory
from scripts.gpu_check.memory import halve
from scripts.gpu_check.task import Found, Task

Limit = Callable[[int], None]


@pytest.fixture(scope='module')
def backend(tiny: Path) -> TransformersBackend:
    """Return a tiny model on the CPU."""
    return make_backend(ModelSettings(str(tiny), 'cpu', 'bfloat16'))


@pytest.fixture
def limited(backend: TransformersBackend, monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Pretend that a GPU has memory for so many images, once its memory is limited."""
    most = [1000]
    forward = backend.loaded.model.vision_model.forward

    def run(*arguments: Any, **options: Any) -> Any:
        if len(options['pixel_values']) > most[0]:
            raise torch.OutOfMemoryError('CUDA out of memory')
        return forward(*arguments, **options)

    def limit(images: int) -> None:
        def set_fraction(fraction: float) -> None:
            assert fraction == pytest.approx(0.7 * 600 / 1000)
            most[0] = images

        monkeypatch.setattr(torch.cuda, 'set_per_process_memory_fraction', set_fraction)

    monkeypatch.setattr(memory, '_VIEWS', 8)
    monkeypatch.setattr(memory, 'make_backend', lambda _: backend)
    monkeypatch.setattr(backend.loaded.model.vision_model, 'forward', run)
    for name, value in {
        'reset_peak_memory_stats': None,
        'memory_reserved': 0,
        'max_memory_reserved': 600,
        'get_device_properties': SimpleNamespace(total_memory=1000),
    }.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, value=value: value)
    return limit


def halved(tiny: Path, folder: Path) -> Found:
    """Run the step and return what it found."""
    found: Found = {}
    halve(Task('cuda', str(tiny), folder), found.update)
    return found


def test_halves_give_what_the_whole_gave(limited: Limit, tiny: Path, tmp_path: Path) -> None:
    limited(5)
    found = halved(tiny, tmp_path)
    assert found['halved'] == 1
    assert 'failed' not in found


def test_a_batch_that_fitted_proves_nothing(limited: Limit, tiny: Path, tmp_path: Path) -> None:
    limited(8)
    assert 'was not halved' in halved(tiny, tmp_path)['failed']


def test_a_cpu_has_no_such_memory(tmp_path: Path) -> None:
    found: Found = {}
    halve(Task('cpu', '', tmp_path), found.update)
    assert 'not_run' in found
