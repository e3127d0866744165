# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Compare how fast actions are, in little time and beside other work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import time

Clock = Callable[[], float]

_TURNS = 4
"""Least number of turns: on a busy machine a single one says little."""


def fastest(
    actions: Mapping[str, Callable[[], object]],
    budget: float,
    clock: Clock = time.perf_counter,
) -> dict[str, float]:
    """
    Return the shortest time of each action in seconds.

    The actions take turns, so that a disturbance hits all of them; the shortest time is the least
    disturbed one. A first turn, in which libraries prepare themselves, does not count.

    :param budget: seconds after which no other turn begins, apart from a few.
    """
    started = clock()
    for action in actions.values():
        action()
    times = dict.fromkeys(actions, float('inf'))
    turns = 0
    while turns < _TURNS or clock() - started < budget:
        turns += 1
        for name, action in actions.items():
            before = clock()
            action()
            times[name] = min(times[name], clock() - before)
    return times
