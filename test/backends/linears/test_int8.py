# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Layers in 8 bits: near the plain ones, and a clear error where torch has none any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
import warnings

import pytest
import torch
from torch import nn

from kosmos_ros.backends.linears import int8
from kosmos_ros.backends.linears.int8 import choose_engine, ENGINES, Int8Linear, quantize_linears
from kosmos_ros.backends.linears.precision import LayerShape
from kosmos_ros.core.errors import MissingDependencyError

SHAPE = LayerShape(48, 80)
HERE = [name for name in ENGINES if name in torch.backends.quantized.supported_engines]

Actions = Mapping[str, Callable[[], object]]

if not HERE:
    pytest.skip('torch has no 8 bit layers here', allow_module_level=True)


@pytest.mark.parametrize('engine', HERE)
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize('shape', [(1, 64), (3, 7, 64)])
def test_a_layer_is_near_the_plain_one(
    engine: str, dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(64, 80, dtype=dtype)
    x = torch.randn(shape, dtype=dtype)
    with torch.inference_mode():
        seen, expected = Int8Linear(plain, engine)(x), plain(x)
    assert seen.dtype == dtype
    assert seen.shape == expected.shape
    # The inputs have up to 7 bits, the weights 7: errors of about one in a hundred.
    assert (seen - expected).float().abs().max() < 0.03 * expected.abs().max()


@pytest.mark.parametrize('engine', HERE)
def test_each_row_has_a_scale_of_its_own(engine: str) -> None:
    plain = nn.Linear(16, 3, bias=False)
    with torch.no_grad():
        plain.weight.copy_(torch.stack([torch.ones(16), torch.full((16,), 1e-4), torch.zeros(16)]))
    with torch.inference_mode():
        seen = Int8Linear(plain, engine)(torch.ones(1, 16))[0]
    assert seen.tolist() == pytest.approx([16.0, 16e-4, 0.0], rel=0.02)


@pytest.mark.parametrize('engine', HERE)
def test_the_unpacked_weight_is_not_kept(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rounded = []
    real = torch.quantize_per_channel

    def quantize(*arguments: object) -> torch.Tensor:
        rounded.append(real(*arguments))
        return rounded[-1]

    monkeypatch.setattr(torch, 'quantize_per_channel', quantize)
    Int8Linear(nn.Linear(64, 80), engine)
    assert [one.untyped_storage().nbytes() for one in rounded] == [0]


def test_the_process_keeps_its_engine_and_nothing_warns() -> None:
    before = torch.backends.quantized.engine
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        model = nn.Sequential(nn.Linear(16, 16), nn.GELU())
        quantize_linears(model, HERE[-1])
    assert isinstance(model[0], Int8Linear)
    assert torch.backends.quantized.engine == before


@pytest.mark.skipif(len(HERE) < 2, reason='there is no choice here')
@pytest.mark.parametrize('quickest', HERE)
def test_the_fastest_engine_is_chosen(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, quickest: str
) -> None:
    def fastest(actions: Actions, budget: float, clock: object) -> dict[str, float]:
        return {name: 1.0 if name == quickest else 1.5 for name in actions}

    monkeypatch.setattr(int8, 'fastest', fastest)
    with caplog.at_level('INFO'):
        assert choose_engine(SHAPE) == quickest
    assert f'int8 by {quickest}' in caplog.text


def test_no_kind_of_input_outweighs_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([(1.0, 2.0), (1.0, 2.0), (100.0, 60.0)])

    def fastest(actions: Actions, budget: float, clock: object) -> dict[str, float]:
        return dict(zip(('a', 'b'), next(times), strict=True))

    monkeypatch.setattr(int8, 'fastest', fastest)
    layers = dict.fromkeys('ab', Int8Linear(nn.Linear(48, 80), HERE[0]))
    assert int8._fastest_engine(layers, SHAPE, clock=lambda: 0.0) == 'a'


def test_operators_that_are_gone_are_a_missing_dependency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, 'quantized', SimpleNamespace())
    with pytest.raises(MissingDependencyError, match=r'torch .* cannot run quantization int8'):
        choose_engine(SHAPE)


def test_a_cpu_without_an_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, 'ENGINES', {})
    with pytest.raises(MissingDependencyError, match='no engine'):
        choose_engine(SHAPE)


def test_an_engine_that_computes_something_else_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Wrong(Int8Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return -super().forward(x)

    monkeypatch.setattr(int8, 'Int8Linear', Wrong)
    with pytest.raises(MissingDependencyError, match=r'wrong results \(similarity -'):
        choose_engine(SHAPE)
