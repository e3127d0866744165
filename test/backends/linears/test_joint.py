# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Projections that are computed as one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from kosmos_ros.backends.linears.joint import (
    join_projections,
    joinable,
    JointLinear,
    PartialLinear,
    PROJECTIONS,
)


class Attention(nn.Module):
    """As much of an attention layer as matters here."""

    def __init__(self, sizes: tuple[int, int, int] = (4, 4, 4), bias: bool = True) -> None:
        super().__init__()
        for name, size in zip(PROJECTIONS, sizes, strict=True):
            setattr(self, name, nn.Linear(6, size, bias=bias))

    def outputs(self, *inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return what each projection gives."""
        with torch.inference_mode():
            return [getattr(self, name)(x) for name, x in zip(PROJECTIONS, inputs, strict=True)]


class Counting(nn.Module):
    """A layer that counts its calls."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the plain layer gives."""
        self.calls += 1
        return self.linear(x)


def joined(attention: Attention) -> Counting:
    """Join the projections of a layer."""
    join_projections(attention, joinable(attention), Counting)
    layer = attention.q_proj.joint.layer
    assert isinstance(layer, Counting)
    return layer


@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('sizes', [(4, 4, 4), (6, 2, 3)])
def test_one_product_gives_what_three_gave(sizes: tuple[int, int, int], bias: bool) -> None:
    attention = Attention(sizes, bias)
    x = torch.randn(2, 5, 6)
    expected = attention.outputs(x, x, x)
    layer = joined(attention)
    for _ in range(2):
        for found, plain in zip(attention.outputs(x, x, x), expected, strict=True):
            assert torch.allclose(found, plain, atol=1e-6)
    assert layer.calls == 2


def test_nothing_is_kept_once_all_parts_are_taken() -> None:
    attention = Attention()
    joined(attention)
    x = torch.randn(1, 6)
    attention.outputs(x, x, x)
    joint = attention.q_proj.joint
    assert joint._input is None
    assert not joint._waiting


def test_other_inputs_never_get_the_parts_of_the_first() -> None:
    attention = Attention()
    x, y = torch.randn(2, 3, 6)
    plain = Attention()
    plain.load_state_dict(attention.state_dict())
    joined(attention)
    for inputs in ((x, y, y), (x, x, y), (x, y, x), (y, y, y)):
        found, expected = attention.outputs(*inputs), plain.outputs(*inputs)
        assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))


def test_work_that_was_cut_short_does_not_reach_the_next() -> None:
    attention = Attention()
    x, y = torch.randn(2, 3, 6)
    expected = attention.outputs(y, y, y)
    joined(attention)
    attention.q_proj(x)
    found = attention.outputs(y, y, y)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))


def test_only_plain_projections_of_one_kind_are_joined() -> None:
    assert len(joinable(Attention())) == 3
    assert joinable(nn.Linear(3, 3)) == []
    other = Attention()
    other.k_proj = nn.Linear(7, 4)
    assert joinable(other) == []
    other.k_proj = nn.Linear(6, 4, bias=False)
    assert joinable(other) == []
    done = Attention()
    joined(done)
    assert isinstance(done.v_proj, PartialLinear)
    assert isinstance(done.v_proj.joint, JointLinear)
    assert joinable(done) == []
