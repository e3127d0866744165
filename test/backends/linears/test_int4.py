# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Few tokens in 4 bits: near the plain layer, each as if alone, and others left to it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from kosmos_ros.backends.linears import int4
from kosmos_ros.backends.linears.int4 import (
    add_int4,
    FEW_TOKENS,
    fits,
    GROUP,
    Int4Linear,
    require_int4,
)
from kosmos_ros.backends.linears.precision import LayerShape
from kosmos_ros.core.errors import MissingDependencyError

SHAPE = LayerShape(64, 128)

try:
    require_int4(SHAPE, torch.float32)
except MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)


def weight_of(levels: torch.Tensor) -> nn.Linear:
    """Return a layer with (outputs, inputs) weights and no bias."""
    plain = nn.Linear(*levels.shape[::-1], bias=False)
    with torch.no_grad():
        plain.weight.copy_(levels)
    return plain


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize('shape', [(1, 64), (1, FEW_TOKENS, 64), (2, 1, 64)])
@pytest.mark.parametrize('bias', [True, False])
def test_few_tokens_are_near_the_plain_layer(
    dtype: torch.dtype, shape: tuple[int, ...], bias: bool
) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(64, 128, bias=bias, dtype=dtype)
    x = torch.randn(shape, dtype=dtype)
    with torch.inference_mode():
        seen, expected = Int4Linear(plain)(x), plain(x)
    assert seen.dtype == dtype
    assert seen.shape == expected.shape
    # Sixteen levels for a range of 3.5 deviations: errors of 0.07 of one.
    assert (seen - expected).float().abs().max() < 0.25 * expected.float().std()


def test_weights_on_sixteen_levels_are_kept() -> None:
    levels = torch.arange(16.0).repeat(64, 2 * GROUP // 16) / 4 - 1
    plain = weight_of(levels)
    with torch.inference_mode():
        for row in torch.eye(2 * GROUP)[::5]:
            assert torch.equal(Int4Linear(plain)(row[None]), plain(row[None]))


def test_equal_weights_have_a_scale_too() -> None:
    layer = Int4Linear(weight_of(torch.full((64, GROUP), 0.5)))
    with torch.inference_mode():
        assert layer(torch.ones(1, GROUP)).tolist() == [[pytest.approx(16.0)] * 64]


def test_a_token_gets_what_it_gets_alone() -> None:
    torch.manual_seed(0)
    layer, x = Int4Linear(nn.Linear(64, 128)), torch.randn(FEW_TOKENS, 64)
    with torch.inference_mode():
        alone = torch.cat([layer(row[None]) for row in x])
        assert torch.allclose(layer(x), alone, atol=1e-6)


def test_more_tokens_are_left_to_the_plain_layer() -> None:
    plain, x = nn.Linear(64, 128), torch.randn(FEW_TOKENS + 1, 64)
    with torch.inference_mode():
        assert torch.equal(Int4Linear(plain)(x), plain(x))


def test_layers_that_do_not_fit_stay() -> None:
    model = nn.Sequential(nn.Linear(64, 128), nn.Linear(128, 48), nn.Linear(48, 64))
    add_int4(model)
    assert [type(one) for one in model] == [Int4Linear, nn.Linear, nn.Linear]
    assert not fits(model[1])
    with pytest.raises(ValueError, match='48x64'):
        Int4Linear(model[2])
    require_int4(LayerShape(48, 64), torch.float32)


def test_an_operator_that_is_gone_is_a_missing_dependency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, 'aten', object())
    with pytest.raises(MissingDependencyError, match=r'torch .* cannot run quantization int4'):
        require_int4(SHAPE, torch.float32)


def test_an_operator_that_computes_something_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Int4Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return -super().forward(x)

    monkeypatch.setattr(int4, 'Int4Linear', Wrong)
    with pytest.raises(MissingDependencyError, match=r'wrong results \(similarity -'):
        require_int4(SHAPE, torch.float32)
