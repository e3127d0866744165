# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A simulated tabletop in MuJoCo: scenes, camera and ground truth."""
