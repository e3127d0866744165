# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Grounding without ROS and without torch: types, prompts, parsing, geometry, drawing."""
