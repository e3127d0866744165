# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with a model that costs nothing: the cost of everything else.

    python -m kosmos_ros.bench.measure.instant_node --ros-args -r image:=/camera/image_raw
"""

from __future__ import annotations

import sys

from kosmos_ros.nodes.grounding_node import main

if __name__ == '__main__':
    sys.exit(main(factory='kosmos_ros.backends.scripted:instant_backend'))
