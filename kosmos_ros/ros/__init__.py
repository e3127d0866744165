# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The bridge between the core and ROS 2: conversions, parameters, buffers, adapters."""
