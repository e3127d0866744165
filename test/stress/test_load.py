# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Some calls at once, all of which are answered, and what is said of them."""

from __future__ import annotations

from collections import Counter
import json
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='nodes need ROS')
pytest.importorskip('kosmos_ros_msgs', reason='nodes need the messages')

from kosmos_ros.core.types import Status
from kosmos_ros.stress.load import lost, report

BUSY, FOUND = Status.BUSY.value, Status.FOUND.value
MACHINE = {'cpu': 'a CPU', 'cores': 2, 'load_average': 1.0}


def result(node: list[tuple[int, float | None]], echo: float = 0.1) -> dict[str, object]:
    calls = {'grounding': node, 'echo': [(0, echo)] * 10}
    return {'calls': calls, 'machine': MACHINE, 'cpu_percent': {'grounding': [50.0]}}


def test_every_call_is_answered(start_process, tmp_path: Path) -> None:
    kind = ('-m', 'kosmos_ros', 'stress', 'load', '--output', tmp_path)
    command = start_process(*kind, '--calls', '24', '--clients', '5', '--rounds', '1')
    assert command.wait(timeout=240.0) == 0, command.output
    assert 'lost: 0' in command.output
    calls = json.loads((tmp_path / 'load.json').read_text())['calls']
    statuses = Counter(status for status, _ in calls['grounding'])
    assert sum(statuses.values()) == len(calls['echo']) == 25  # the same for each client
    assert set(statuses) == {FOUND, BUSY}
    assert all(seconds > 0 for named in calls.values() for _, seconds in named)


def test_lost_calls_are_told() -> None:
    told = result([(FOUND, 1.0), (BUSY, 0.2), (0, None), (0, None)])
    assert lost(told) == 2
    assert 'answers: 1 FOUND, 1 BUSY; lost: 2' in report(told)


@pytest.mark.parametrize(
    ('busy', 'echo', 'verdict'),
    [(0.4, 0.01, 'met'), (0.6, 0.3, 'met'), (0.6, 0.1, 'missed')],
)
def test_the_goal_is_a_time_or_a_ratio(busy: float, echo: float, verdict: str) -> None:
    assert f': {verdict} (goal' in report(result([(BUSY, busy)] * 3, echo))


def test_without_busy_there_is_no_verdict() -> None:
    assert 'nobody heard BUSY' in report(result([(FOUND, 1.0)]))
