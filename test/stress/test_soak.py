# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A short soak, which passes, and soaks that do not."""

from __future__ import annotations

import json
import os
from pathlib import Path
import random
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='nodes need ROS')
pytest.importorskip('kosmos_ros_msgs', reason='nodes need the messages')

from kosmos_ros.stress import soak
from kosmos_ros.stress.driver import StressError
from kosmos_ros.stress.events import RESTART

MINUTES = float(os.environ.get('KOSMOS_ROS_SOAK_MINUTES', '3'))


@pytest.mark.timeout(60 * MINUTES + 900)
@pytest.mark.timeout(60 * MINUTES + 900)
def test_the_node_lasts(start_process, tmp_path: Path) -> None:
    kind = ('-m', 'kosmos_ros', 'stress', 'soak', '--output', tmp_path)
    command = start_process(*kind, '--minutes', str(MINUTES))
    assert command.wait(timeout=60 * MINUTES + 800) == 0, command.output
    assert 'passed' in command.output
    result = json.loads((tmp_path / 'soak.json').read_text())
    assert RESTART in {event['kind'] for event in result['events']}
    assert len({sample['life'] for sample in result['samples']}) == 2
    assert (tmp_path / 'soak.png').stat().st_size > 1000


def test_what_fails_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise StressError('it was refused')

    def never(*_: object, **__: object) -> float:
        raise StressError('no answer')

    monkeypatch.setattr(soak, 'EVENTS', {'bad': fail, 'good': lambda *_: 'done'})
    rng = random.Random(0)
    driver = SimpleNamespace(wait_for_answer=lambda *_, **__: 1.5)
    bad, good = (soak._happen(kind, None, driver, rng, 7.0) for kind in ('bad', 'good'))
    assert (bad.answered, bad.problem) == (None, 'it was refused')
    assert (good.what, good.answered, good.problem) == ('done', 1.5, '')
    driver.wait_for_answer = never
    assert soak._happen('good', None, driver, rng, 7.0).problem == 'no answer'


def test_a_traceback_is_a_problem(tmp_path: Path) -> None:
    for name, text in (('001_grounding', 'fine'), ('002_grounding', 'Traceback (most recent')):
        (tmp_path / f'{name}.log').write_text(text)
    assert soak._complaints(tmp_path) == [f'there is a traceback in {tmp_path}/002_grounding.log']


def test_a_seed_decides_and_no_kind_is_left_out() -> None:
    orders = [soak._order(random.Random(seed)) for seed in (1, 1, 2)]
    one, same, other = ([next(order) for _ in soak.EVENTS] for order in orders)
    assert one == same != other
    assert sorted(one) == sorted(soak.EVENTS)
