# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""ROS 2 nodes; each composes and spins, and holds no logic."""
