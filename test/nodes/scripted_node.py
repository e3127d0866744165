# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node in a process of its own, with a scripted backend instead of a model.

    python scripted_node.py BEHAVIOUR --ros-args ...
"""

from __future__ import annotations

import math
import sys
import time

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.types import Box
from kosmos_ros.nodes.grounding_node import main

LOCATED = {
    'the red cube': located('the red cube', Box(0.25, 0.25, 0.5, 0.75)),
    'the faint cube': located('the faint cube', Box(0.0, 0.0, 0.5, 0.5), existence=0.6),
}
GENERATED = {'<grounding> An image of': ' a table.'}


class DeafBackend(ScriptedBackend):
    """Hangs without ever asking whether it should stop."""

    def locate(self, *_: object) -> None:
        time.sleep(3600)


def scripted(**options: object) -> ScriptedBackend:
    return ScriptedBackend(located=LOCATED, generated=GENERATED, **options)


def unloadable() -> None:
    raise ModelLoadError('/models/tabletop/model.safetensors is truncated')


BEHAVIOURS = {
    'quick': scripted,
    'slow': lambda: scripted(seconds=0.2),
    'hanging': lambda: scripted(seconds=math.inf),
    'deaf': DeafBackend,
    'failing': lambda: scripted(errors=[RuntimeError('CUDA error'), MemoryError()]),
    'unloadable': unloadable,
    'loading': lambda: time.sleep(3600),
}


if __name__ == '__main__':
    make = BEHAVIOURS[sys.argv.pop(1)]
    sys.exit(main(make_backend=lambda _: make()))
