# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Requests resolved, and a module for what each task asks the model and makes of its answer."""
