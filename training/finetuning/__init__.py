# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Teaches an existing KOSMOS-2 checkpoint the things of a user's own images."""
