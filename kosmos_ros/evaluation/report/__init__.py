# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Figures of an evaluation as tables, plots and pages."""
