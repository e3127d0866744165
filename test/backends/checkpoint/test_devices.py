# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which device is chosen, on machines whose GPU works, is broken or missing."""

from __future__ import annotations

from collections.abc import Callable
import warnings

import pytest
import torch

from kosmos_ros.backends.checkpoint.devices import choose_device
from kosmos_ros.core.errors import ModelLoadError

REAL_ONES = torch.ones

Gpus = Callable[..., None]


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Gpus:
    """Return a function that makes torch see GPUs which compute, or raise, as the test says."""

    def pretend(count: int, ones: Callable[..., torch.Tensor]) -> None:
        monkeypatch.setattr(torch.cuda, 'is_available', lambda: count > 0)
        monkeypatch.setattr(torch.cuda, 'device_count', lambda: count)
        monkeypatch.setattr(torch, 'ones', ones)

    return pretend


def working(size: tuple[int, int], device: torch.device) -> torch.Tensor:
    """Compute on the CPU instead."""
    return REAL_ONES(size)


def without_kernels(size: tuple[int, int], device: torch.device) -> torch.Tensor:
    """Fail as torch does on a GPU that it was not built for."""
    raise RuntimeError('CUDA error: no kernel image is available\nCompile with ...')


def without_library(size: tuple[int, int], device: torch.device) -> torch.Tensor:
    """Fail as a build of torch without CUDA does."""
    raise AssertionError('Torch not compiled with CUDA enabled')


def wrong(size: tuple[int, int], device: torch.device) -> torch.Tensor:
    """Compute nonsense."""
    return REAL_ONES(size) * 2


def test_a_gpu_that_works_is_taken(gpus: Gpus) -> None:
    gpus(2, working)
    assert choose_device('auto') == torch.device('cuda', 0)
    assert choose_device('cuda') == torch.device('cuda', 0)
    assert choose_device('cuda:1') == torch.device('cuda', 1)
    assert choose_device('cpu') == torch.device('cpu')


@pytest.mark.parametrize(
    ('ones', 'reason'),
    [
        (without_kernels, 'no kernel image is available$'),
        (without_library, 'not compiled with CUDA enabled$'),
        (wrong, 'a sum that is 4096 came out'),
    ],
)
def test_a_gpu_that_fails_is_named(
    gpus: Gpus,
    caplog: pytest.LogCaptureFixture,
    ones: Callable[..., torch.Tensor],
    reason: str,
) -> None:
    gpus(1, ones)
    assert choose_device('auto') == torch.device('cpu')
    (record,) = caplog.records
    assert record.levelname == 'WARNING'
    with pytest.raises(ModelLoadError, match=rf"device 'cuda' does not work: .*{reason}"):
        choose_device('cuda')


def test_a_broken_driver_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def complain() -> bool:
        warnings.warn('CUDA initialization: the driver is too old', stacklevel=2)
        return False

    monkeypatch.setattr(torch.cuda, 'is_available', complain)
    assert choose_device('auto') == torch.device('cpu')
    assert 'the driver is too old' in caplog.text
    with pytest.raises(ModelLoadError, match=r'sees 0 CUDA devices here \(.*too old'):
        choose_device('cuda')


def test_a_machine_without_a_gpu_takes_the_cpu_silently(
    gpus: Gpus, caplog: pytest.LogCaptureFixture
) -> None:
    gpus(0, without_kernels)
    assert choose_device('auto') == torch.device('cpu')
    assert not caplog.records


def test_a_missing_gpu_is_an_error(gpus: Gpus) -> None:
    gpus(1, working)
    with pytest.raises(ModelLoadError, match=r'cuda:1.*sees 1 CUDA devices here; use'):
        choose_device('cuda:1')


def test_auto_is_what_this_machine_has() -> None:
    expected = 'cuda' if torch.cuda.is_available() else 'cpu'
    assert choose_device('auto').type == expected
