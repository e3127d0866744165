# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Scenes for training: rendered pools, and a data set of parts."""
