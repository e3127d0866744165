# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Errors of the benchmark."""

from __future__ import annotations

from kosmos_ros.core.errors import KosmosError


class BenchError(KosmosError, RuntimeError):
    """Something cannot be measured on this machine."""
