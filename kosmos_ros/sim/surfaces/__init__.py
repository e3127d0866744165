# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Shapes and surface patterns of objects, as arrays."""
