# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with its embedded model, on a GPU that is too small for many phrases.

    python short_of_memory_node.py --ros-args ...
"""

from __future__ import annotations

import sys

import torch

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.prompts import locate_prompt
from kosmos_ros.nodes.grounding_node import main

MOST_PHRASES = 3
"""For which there is memory, of the length of 'the cube'."""


def make_short_of_memory(settings: ModelSettings) -> TransformersBackend:
    """Load the model, whose decoder refuses more tokens than there is memory for."""
    backend = make_backend(settings)
    assert isinstance(backend, TransformersBackend)
    encode = backend.vocabulary.encode_prompt
    begin, whole = len(encode(Prompt(()))), len(encode(locate_prompt('the cube')))
    most = whole + MOST_PHRASES * (whole - begin)

    def refuse(_: object, arguments: tuple[torch.Tensor, ...]) -> None:
        if arguments[0].shape[1] > most:
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')

    backend.loaded.model.text_model.model.layers[0].register_forward_pre_hook(refuse)
    return backend


if __name__ == '__main__':
    sys.exit(main(make_backend=make_short_of_memory))
