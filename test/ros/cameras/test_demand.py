# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""For how long nobody has needed something."""

from __future__ import annotations

import pytest

from kosmos_ros.ros.cameras import demand
from kosmos_ros.ros.cameras.demand import Demand


class Clock:
    """The steady clock, moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_idle_time_begins_with_the_end_of_the_last_use(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(demand, 'time', clock)
    needs = Demand()
    clock.now += 5.0
    assert needs.idle_seconds() == 5.0
    needs.note()
    assert needs.idle_seconds() == 0.0
    first, second = needs.lease(), needs.lease()
    clock.now += 60.0
    first()
    assert needs.idle_seconds() == 0.0
    second()
    clock.now += 2.0
    assert needs.idle_seconds() == 2.0
