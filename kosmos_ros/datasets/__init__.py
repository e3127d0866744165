# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Readers of data sets and bags in their public formats; none of them downloads anything."""
