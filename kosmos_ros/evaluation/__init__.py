# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measures a model on simulated scenes that it was never trained on."""
