# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the process that decodes pictures tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DecodedPicture:
    """Size of a picture in pixels, and how many of 16 bits were seen in use; 0: not deep."""

    height: int
    width: int
    seen: int
