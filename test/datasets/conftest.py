# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Bags to evaluate on."""

from ..recordings.conftest import write_bag  # noqa: F401  (a fixture)
