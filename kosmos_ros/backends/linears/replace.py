# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Replace the linear layers of a model."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from kosmos_ros.backends.linears.joint import join_projections, joinable
from kosmos_ros.backends.linears.mapped_files import MappedFiles

OUTPUT_HEAD = 'lm_head'
"""Its weight is the embedding table's in most checkpoints, so it stays as it is."""


def linear_layers(model: nn.Module) -> list[tuple[nn.Module, str]]:
    """Return each linear layer but the output head, as the module that holds it and its name."""
    return [
        (module, name)
        for module in model.modules()
        for name, child in module.named_children()
        if type(child) is nn.Linear and name != OUTPUT_HEAD
    ]


def replace_linears(model: nn.Module, make: Callable[[nn.Linear], nn.Module]) -> int:
    """
    Replace the linear layers one by one, so that no two copies of all weights ever exist.

    The projections of an attention layer, which have the same input, become parts of one layer.

    :param make: makes the new layer from an old one, without keeping its weight.
    :returns: how many there were.
    """
    files = MappedFiles()
    count = 0
    for module in list(model.modules()):
        projections = joinable(module)
        if projections:
            join_projections(module, projections, make)
            count += len(projections)
            for old in projections:
                files.release(old.weight)
    places = linear_layers(model)
    for holder, name in places:
        old = getattr(holder, name)
        setattr(holder, name, make(old))
        files.release(old.weight)
    return count + len(places)
