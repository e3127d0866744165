# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with a model in a process of its own that does the worst on demand.

    python faulty_node.py --ros-args ...
"""

from __future__ import annotations

import sys

from faults import FACTORY

from kosmos_ros.nodes.grounding_node import main
from kosmos_ros.ros.worker import retries

if __name__ == '__main__':
    retries.LONGEST_PAUSE = 0.2
    sys.exit(main(factory=FACTORY))
