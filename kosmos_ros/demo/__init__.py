# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A first try without a robot: simulated camera, grounding node, questions with known answers."""
