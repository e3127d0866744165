# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which number format is chosen, for timings that the tests make up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import itertools

import pytest
import torch

from kosmos_ros.backends.linears import precision
from kosmos_ros.backends.linears.precision import (
    bfloat16_gain,
    choose_dtype,
    LayerShape,
    SMALL_BYTES,
)

CPU = torch.device('cpu')
SHAPE = LayerShape(8, 16)

Actions = Mapping[str, Callable[[], object]]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that sets how many times faster bfloat16 is, for 1 and for 76 tokens."""

    def measure(*gains: float) -> None:
        left = itertools.cycle(gains)

        def fastest(actions: Actions, budget: float, clock: object) -> dict[str, float]:
            for action in actions.values():
                action()
            return {'float32': next(left), 'bfloat16': 1.0}

        monkeypatch.setattr(precision, 'fastest', fastest)

    return measure


@pytest.mark.parametrize(
    ('gains', 'expected'),
    [
        ((2.0, 4.0), torch.bfloat16),
        ((1.0, 3.0), torch.bfloat16),
        ((1.3, 1.2), torch.float32),
        ((0.5, 1.9), torch.float32),
        ((0.01, 0.01), torch.float32),
    ],
)
def test_a_large_model_takes_bfloat16_where_it_is_clearly_faster(
    measured: Callable[..., None], gains: tuple[float, float], expected: torch.dtype
) -> None:
    measured(*gains)
    assert choose_dtype('auto', CPU, SMALL_BYTES, SHAPE) == expected


def test_a_disturbed_probe_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    disturbed = iter([9.0, 1.0, 1.0, 1.0])

    def fastest(actions: Actions, budget: float, clock: object) -> dict[str, float]:
        return {'float32': 2.0, 'bfloat16': next(disturbed)}

    monkeypatch.setattr(precision, 'fastest', fastest)
    assert bfloat16_gain(SHAPE) == pytest.approx(2.0)
    assert next(disturbed, None) is None


def test_what_was_measured_and_chosen_is_logged(
    measured: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    measured(2.0, 8.0)
    with caplog.at_level('INFO'):
        assert bfloat16_gain(SHAPE) == pytest.approx(4.0)
    (record,) = caplog.records
    assert '8x16 is 2.0 times faster in bfloat16' in record.getMessage()
    assert '8.0 times with 76: the model computes in bfloat16' in record.getMessage()


def test_a_small_model_is_not_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(precision, 'fastest')
    assert choose_dtype('auto', CPU, SMALL_BYTES - 1, SHAPE) == torch.float32


def test_what_was_asked_for_is_not_probed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(precision, 'fastest')
    for name in ('float32', 'bfloat16'):
        assert choose_dtype(name, CPU, SMALL_BYTES, SHAPE) == getattr(torch, name)
    assert not caplog.records
    assert choose_dtype('float16', CPU, SMALL_BYTES, SHAPE) == torch.float16
    assert 'slower' in caplog.text


@pytest.mark.parametrize(('native', 'expected'), [(True, 'bfloat16'), (False, 'float16')])
def test_a_gpu_computes_in_what_it_has(
    monkeypatch: pytest.MonkeyPatch, native: bool, expected: str
) -> None:
    def supported(including_emulation: bool = True) -> bool:
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', supported)
    chosen = choose_dtype('auto', torch.device('cuda', 0), 1, SHAPE)
    assert chosen == getattr(torch, expected)


def test_the_real_probe_gives_a_ratio() -> None:
    assert bfloat16_gain(LayerShape(64, 128)) > 0
