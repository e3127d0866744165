# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""ROS 2 nodes; each composes and spins, and holds no logic."""

from __future__ import annotations

# Before a node imports rclpy itself: says what to install or build if something is missing.
import kosmos_ros.ros  # noqa: F401
