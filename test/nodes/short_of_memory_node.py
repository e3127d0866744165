# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with its embedded model, on a GPU that is too small for many phrases.

    python short_of_memory_node.py --ros-args ...
"""

from __future__ import annotations

from collections.abc import Sequence
import sys

import torch

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2 import backend
from kosmos_ros.backends.kosmos2.frames import TransformersFrame
from kosmos_ros.backends.kosmos2.locator import Locator
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.backend import Backend, Located, StopCheck
from kosmos_ros.nodes.grounding_node import main

MOST_PHRASES = 3
"""For which there is memory, at once."""


class CountingLocator(Locator):
    """Tells how many phrases it is looking for."""

    phrases = 0

    def locate(
        self, frames: Sequence[TransformersFrame], phrases: Sequence[str], should_stop: StopCheck
    ) -> tuple[Located, ...]:
        """Find the phrases."""
        type(self).phrases = len(phrases)
        try:
            return super().locate(frames, phrases, should_stop)
        finally:
            type(self).phrases = 0


def make_short_of_memory(settings: ModelSettings) -> Backend:
    """Load the model, whose decoder refuses more phrases at once than there is memory for."""
    loaded = make_backend(settings)
    assert isinstance(loaded, backend.TransformersBackend)
    backend.Locator = CountingLocator

    def refuse(*_: object) -> None:
        if CountingLocator.phrases > MOST_PHRASES:
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')

    loaded.loaded.model.text_model.model.layers[0].register_forward_pre_hook(refuse)
    return loaded


if __name__ == '__main__':
    sys.exit(main(make_backend=make_short_of_memory))
