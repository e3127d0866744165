# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Looks end with their number and with the time."""

from __future__ import annotations

import math

import pytest

from kosmos_ros.core.looks import budget as module
from kosmos_ros.core.looks.budget import Budget


class Clock:
    """Takes the place of the module ``time``."""

    now = 50.0

    def monotonic(self) -> float:
        """Return seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, 'time', clock)
    return clock


def test_without_an_end_only_the_number_counts() -> None:
    budget = Budget(3)
    assert budget.left() == 3
    budget.spend(1, 1000.0)
    budget.spend(2, 1000.0)
    assert (budget.taken, budget.left()) == (3, 0)


def test_the_first_look_is_taken_whatever_the_time(clock: Clock) -> None:
    assert Budget(8, until=clock.now - 1.0).left() == 8


def test_no_look_is_begun_that_would_not_end_in_time(clock: Clock) -> None:
    budget = Budget(8, until=clock.now + 10.0)
    budget.spend(1, 3.0)
    assert budget.left() == 3
    clock.now += 5.0
    assert budget.left() == 1
    clock.now += 2.1
    assert budget.left() == 0


def test_the_slowest_look_is_what_the_next_may_take(clock: Clock) -> None:
    budget = Budget(8, until=clock.now + 10.0)
    budget.spend(1, 4.0)
    budget.spend(2, 2.0)
    assert budget.left() == 2


def test_without_a_measured_time_there_is_no_reason_to_stop(clock: Clock) -> None:
    budget = Budget(8, until=clock.now + 10.0)
    budget.spend(1, 0.0)
    assert budget.left() == 7
    assert Budget(2, math.inf).left() == 2
