# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks the same about many pictures, and writes the results for other programs."""
