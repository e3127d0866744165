# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The values of parameters with a fixed choice."""

from __future__ import annotations

from enum import Enum

AUTO = 'auto'

TRANSPORTS = ('raw', 'compressed')
RELIABILITIES = (AUTO, 'reliable', 'best_effort')
SUBSCRIPTIONS = ('always', 'lazy')
MOTIONS = ('none', 'sway', 'orbit')
VIEWS = ('usual', 'low', 'unseen', 'far', 'wide', 'tall')

RECTIFIED, RAW = 'true', 'false'
RECTIFICATIONS = (AUTO, RECTIFIED, RAW)

CV_BRIDGE, OWN = 'cv_bridge', 'own'
CONVERSIONS = (AUTO, CV_BRIDGE, OWN)


class BusyPolicy(Enum):
    """Which call is answered with BUSY when the queue is full."""

    REJECT = 'reject'
    """The newest: first come, first served."""
    REPLACE_OLDEST = 'replace_oldest'
    """The oldest: what is asked now matters most."""


class ActionPolicy(Enum):
    """What a new goal does to those before it."""

    QUEUE = 'queue'
    """It waits behind them."""
    PREEMPT = 'preempt'
    """It ends them."""
    REJECT = 'reject'
    """It gets BUSY while there is one."""
