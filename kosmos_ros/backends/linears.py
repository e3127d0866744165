# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Put other linear layers into a model in place of its own."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from kosmos_ros.backends.mapped_files import MappedFiles

OUTPUT_HEAD = 'lm_head'
"""Its weight is the embedding table's in most checkpoints, so it stays as it is."""


def linear_layers(model: nn.Module) -> list[tuple[nn.Module, str]]:
    """Return each linear layer but the output head: the module that holds it and its name."""
    return [
        (module, name)
        for module in model.modules()
        for name, child in module.named_children()
        if type(child) is nn.Linear and name != OUTPUT_HEAD
    ]


def replace_linears(model: nn.Module, make: Callable[[nn.Linear], nn.Module]) -> int:
    """
    Replace the linear layers one by one, so that no two copies of all weights ever exist.

    :param make: makes the new layer of an old one, without keeping its weight.
    :returns: how many there were.
    """
    places = linear_layers(model)
    files = MappedFiles()
    for holder, name in places:
        old = getattr(holder, name)
        setattr(holder, name, make(old))
        files.release(old.weight)
    return len(places)
