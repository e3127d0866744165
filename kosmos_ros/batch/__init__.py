# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks the same of many pictures, and writes what was found for other programs."""
