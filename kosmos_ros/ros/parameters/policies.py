# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a goal when another one comes."""

from __future__ import annotations

from enum import Enum


class ActionPolicy(Enum):
    """What a new goal does to those before it."""

    QUEUE = 'queue'
    """It waits behind them."""
    PREEMPT = 'preempt'
    """It ends them."""
    REJECT = 'reject'
    """It hears BUSY while there is one."""
