# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measures a model on simulated scenes, which no training has seen, data sets and bags."""
