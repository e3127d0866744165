# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Comparing times, on a clock of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kosmos_ros.backends.linears.timing import fastest


class FakeTime:
    """A clock that only moves when an action runs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self.now

    def action(self, name: str, durations: Sequence[float]) -> Callable[[], None]:
        """Return an action that takes these times, the last one again and again."""
        left = list(durations)

        def run() -> None:
            self.order.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return run


def test_actions_take_turns_until_the_budget_is_spent() -> None:
    clock = FakeTime()
    actions = {'a': clock.action('a', [1.0]), 'b': clock.action('b', [2.0])}
    assert fastest(actions, 18.5, clock) == {'a': 1.0, 'b': 2.0}
    assert clock.order == ['a', 'b'] * 7


def test_the_shortest_time_counts_and_the_first_does_not() -> None:
    clock = FakeTime()
    actions = {'a': clock.action('a', [0.5, 5.0, 3.0, 4.0])}
    assert fastest(actions, 0.0, clock) == {'a': 3.0}


@pytest.mark.parametrize('budget', [0.0, 1e-9])
def test_even_without_a_budget_a_few_turns_are_measured(budget: float) -> None:
    clock = FakeTime()
    assert fastest({'a': clock.action('a', [9.0, 9.0, 9.0, 9.0, 7.0])}, budget, clock) == {
        'a': 7.0
    }
