# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with its embedded model, on a GPU that is too small for many phrases.

    python short_of_memory_node.py --ros-args ...
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.backend import queries_about
from kosmos_ros.nodes.grounding_node import main

FITTING = ('the cube', 'the bowl', 'the plate')
"""As much as there is memory for, at once."""


def make_short_of_memory(settings: ModelSettings) -> TransformersBackend:
    """Load the model, whose decoder refuses more tokens at once than those take."""
    backend = make_backend(settings)
    assert isinstance(backend, TransformersBackend)
    sizes: list[int] = []

    def note(_: object, arguments: tuple[torch.Tensor, ...]) -> None:
        sizes.append(arguments[0].shape[1])

    def refuse(_: object, arguments: tuple[torch.Tensor, ...]) -> None:
        if arguments[0].shape[1] > max(sizes):
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')

    layer = backend.loaded.model.text_model.model.layers[0]
    noting = layer.register_forward_pre_hook(note)
    (frame,) = backend.encode([np.zeros((2, 2, 3), np.uint8)])
    backend.locate(queries_about(frame, FITTING), 1, lambda: False)
    noting.remove()
    layer.register_forward_pre_hook(refuse)
    return backend


if __name__ == '__main__':
    sys.exit(main(make_backend=make_short_of_memory))
