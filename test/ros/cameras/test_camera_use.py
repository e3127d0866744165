# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""For how long nobody has needed a camera."""

from __future__ import annotations

import pytest

from kosmos_ros.ros.cameras import camera_use
from kosmos_ros.ros.cameras.camera_use import Leases


class Clock:
    """The steady clock, moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_idle_time_begins_with_the_end_of_the_last_use(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(camera_use, 'time', clock)
    leases = Leases()
    clock.now += 5.0
    assert leases.idle_seconds() == 5.0
    leases.note()
    assert leases.idle_seconds() == 0.0
    first, second = leases.lease(), leases.lease()
    clock.now += 60.0
    first()
    assert leases.idle_seconds() == 0.0
    second()
    clock.now += 2.0
    assert leases.idle_seconds() == 2.0
