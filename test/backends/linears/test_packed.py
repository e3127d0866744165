# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Packed linear layers: equal to plain ones, and left out wherever something speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from kosmos_ros.backends.linears import packed as packed_linear
from kosmos_ros.backends.linears.packed import pack_linears, PackedLinear, packing_obstacle
from kosmos_ros.backends.linears.precision import LayerShape

SHAPE = LayerShape(48, 80)

Actions = Mapping[str, Callable[[], object]]


def can_pack() -> bool:
    """Tell whether this machine has the operators at all."""
    return not packing_obstacle(LayerShape(256, 512)).startswith('this torch')


needs_operators = pytest.mark.skipif(not can_pack(), reason='no bfloat16 layers to pack here')


@pytest.fixture
def gain(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets how many times faster packed layers seem to be."""

    def set_gain(value: float) -> None:
        def fastest(actions: Actions, budget: float, clock: object) -> dict[str, float]:
            return {'plain': value, 'packed': 1.0}

        monkeypatch.setattr(packed_linear, 'fastest', fastest)

    return set_gain


def operators(monkeypatch: pytest.MonkeyPatch, **replaced: object) -> None:
    """Replace torch's operators."""
    real = torch.ops.mkldnn
    names = ('_reorder_linear_weight', '_linear_pointwise')
    kept = {name: getattr(real, name) for name in names} | replaced
    fakes = {name: value for name, value in kept.items() if value is not None}
    monkeypatch.setattr(torch.ops, 'mkldnn', SimpleNamespace(**fakes))


@needs_operators
@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('shape', [(1, 48), (3, 7, 48), (2, 1, 48)])
def test_a_packed_layer_gives_what_a_plain_one_gives(shape: tuple[int, ...], bias: bool) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(48, 80, bias=bias, dtype=torch.bfloat16)
    x = torch.randn(shape, dtype=torch.bfloat16)
    packed = PackedLinear(plain)
    with torch.inference_mode():
        expected, seen = plain(x), packed(x)
    assert seen.dtype == torch.bfloat16
    assert seen.shape == expected.shape
    assert torch.allclose(seen.float(), expected.float(), atol=0.02)
    assert 'weight' not in dict(packed.named_parameters())


@needs_operators
def test_layers_are_packed_where_it_helps(gain: Callable[[float], None]) -> None:
    gain(1.5)
    model = nn.Sequential(nn.Linear(48, 80, dtype=torch.bfloat16), nn.GELU())
    assert pack_linears(model, SHAPE)
    assert isinstance(model[0], PackedLinear)


def test_a_missing_operator_leaves_plain_layers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operators(monkeypatch, _reorder_linear_weight=None)
    model = nn.Sequential(nn.Linear(48, 80, dtype=torch.bfloat16))
    with caplog.at_level('INFO'):
        assert not pack_linears(model, SHAPE)
    assert type(model[0]) is nn.Linear
    (record,) = caplog.records
    assert 'this torch cannot pack them' in record.getMessage()


def test_an_operator_that_fails_leaves_plain_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError('bf16 path needs the cpu support avx512\nfrom somewhere')

    operators(monkeypatch, _reorder_linear_weight=fail)
    assert packing_obstacle(SHAPE).endswith('(bf16 path needs the cpu support avx512)')


@pytest.mark.parametrize('wrong', [1.1, float('nan')])
def test_an_operator_that_computes_something_else_leaves_plain_layers(
    monkeypatch: pytest.MonkeyPatch, gain: Callable[[float], None], wrong: float
) -> None:
    def product(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, *_: object) -> object:
        return wrong * nn.functional.linear(x, weight, bias)

    gain(2.0)
    operators(
        monkeypatch,
        _reorder_linear_weight=lambda weight, _: weight,
        _linear_pointwise=product,
    )
    assert 'packed ones are off by' in packing_obstacle(SHAPE)


@needs_operators
@pytest.mark.parametrize(('value', 'obstacle'), [(0.5, 'take 2.00 times as long'), (1.0, '')])
def test_slower_layers_are_left_out(
    gain: Callable[[float], None], value: float, obstacle: str
) -> None:
    gain(value)
    assert packing_obstacle(SHAPE).endswith(obstacle)
    assert bool(packing_obstacle(SHAPE)) == bool(obstacle)
