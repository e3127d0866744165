# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Replacing linear layers."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.linears.replace import linear_layers, replace_linears
from kosmos_ros.backends.settings import ModelSettings


class Doubled(nn.Module):
    """Stands for another kind of linear layer; note: it lacks ``weight``."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.layers = [linear]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return twice what the layer gives."""
        return 2 * self.layers[0](x)


def test_every_linear_layer_but_the_output_head_is_replaced(tiny_folder: Path) -> None:
    model = load_model(ModelSettings(model=str(tiny_folder), device='cpu')).model
    linears = [one for one in model.modules() if type(one) is nn.Linear]
    head = model.text_model.lm_head
    assert replace_linears(model, Doubled) == len(linears) - 1
    assert [one for one in model.modules() if type(one) is nn.Linear] == [head]
    assert head.weight is model.text_model.model.embed_tokens.weight
    assert linear_layers(model) == []


def test_layers_are_found_once_and_their_holders_use_the_new_ones(loaded: LoadedModel) -> None:
    places = linear_layers(loaded.model)
    assert len({(id(holder), name) for holder, name in places}) == len(places)
    block = nn.Sequential(nn.Linear(3, 3))
    x = torch.randn(2, 3)
    before = block(x)
    assert replace_linears(block, Doubled) == 1
    assert torch.equal(block(x), 2 * before)
