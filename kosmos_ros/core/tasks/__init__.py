# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Resolved requests, and for each task what it asks the model and makes of the answer."""
