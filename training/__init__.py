# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Trains the embedded model `kosmos_ros/models/tabletop` on simulated tabletop scenes."""
