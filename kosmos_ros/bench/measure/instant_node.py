# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with a model that costs nothing: the cost of everything else.

    python -m kosmos_ros.bench.measure.instant_node --ros-args -r image:=/camera/image_raw
"""

from __future__ import annotations

import sys

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.types import Box
from kosmos_ros.nodes.grounding_node import main


def instant_backend(_: ModelSettings) -> ScriptedBackend:
    """Return a backend that finds everything in the middle, at once."""
    return ScriptedBackend(located=lambda phrase: located(phrase, Box(0.25, 0.25, 0.75, 0.75)))


if __name__ == '__main__':
    sys.exit(main(make_backend=instant_backend))
