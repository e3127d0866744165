# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Data sets: simulated levels, and readers of public formats; none downloads anything."""
