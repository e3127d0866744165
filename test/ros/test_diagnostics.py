# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What /diagnostics says in each state."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import pytest

from kosmos_ros.core.frame_cache import FrameUse
from kosmos_ros.core.types import Status
from kosmos_ros.ros.diagnostics import (
    camera_status,
    Diagnostics,
    frames_status,
    model_status,
    requests_status,
    status,
)
from kosmos_ros.ros.model_facts import ModelFacts
from kosmos_ros.ros.worker import WorkerState

OK, WARN = DiagnosticStatus.OK, DiagnosticStatus.WARN
ERROR, STALE = DiagnosticStatus.ERROR, DiagnosticStatus.STALE


def values(one: DiagnosticStatus) -> dict[str, str]:
    return {entry.key: entry.value for entry in one.values}


@pytest.mark.parametrize(
    ('state', 'overdue', 'level', 'message'),
    [
        (WorkerState.LOADING, 0.0, WARN, 'loading'),
        (WorkerState.READY, 0.0, OK, 'ready'),
        (WorkerState.READY, 1.0, OK, 'ready'),
        (WorkerState.READY, 9.0, ERROR, 'hangs: 9 s over a deadline'),
        (WorkerState.FAILED, 0.0, ERROR, 'no such file'),
        (WorkerState.CLOSED, 0.0, STALE, 'shutting down'),
    ],
)
def test_the_model(state: WorkerState, overdue: float, level: bytes, message: str) -> None:
    worker = SimpleNamespace(
        state=state,
        problem='no such file',
        facts=ModelFacts(
            '', '', 'bfloat16, 2 threads' if state is WorkerState.READY else '', 1.25
        ),
        seconds_overdue=lambda: overdue,
    )
    reported = model_status(worker, 'tabletop')
    assert (reported.level, reported.message) == (level, message)
    assert values(reported) == {
        'model': 'tabletop',
        'precision': worker.facts.precision or 'unknown',
        'load seconds': '1.2',
    }


@pytest.mark.parametrize(
    ('age', 'problem', 'level', 'message'),
    [
        (0.1, '', OK, 'images come'),
        (None, '', STALE, 'no image yet'),
        (9.0, '', STALE, 'the newest image is 9.0 s old'),
        (0.1, 'pink', WARN, 'pink'),
        (None, 'pink', WARN, 'pink'),
    ],
)
def test_a_camera(age: float | None, problem: str, level: bytes, message: str) -> None:
    camera = SimpleNamespace(
        name='front',
        topic='/image',
        received=7,
        malformed=2,
        repeated=1,
        age=lambda: age,
        problem=lambda: problem,
        publishers=lambda: 1,
        is_lost=lambda max_age: age is not None and age > max_age,
    )
    reported = camera_status(camera, max_age=2.0)
    assert (reported.name, reported.level, reported.message) == ('camera front', level, message)
    assert values(reported)['malformed'] == '2'
    assert values(reported)['image age'] == ('none' if age is None else f'{age:.3f}')


def test_encoded_images() -> None:
    reported = frames_status(FrameUse(held=3, nbytes=41_260_000, encoded=7, reused=21))
    assert (reported.name, reported.level) == ('encoded images', OK)
    assert values(reported) == {
        'frames held': '3',
        'megabytes': '41.3',
        'encodings made': '7',
        'encodings saved': '21',
    }


def test_requests() -> None:
    desk = SimpleNamespace(
        recent_seconds=[0.1, 0.3, 0.2], tally=Counter({Status.BUSY: 4, Status.FOUND: 2})
    )
    failures = SimpleNamespace(unexpected=0, latest='')
    reported = requests_status(desk, 3, failures)
    assert reported.level == OK
    assert list(values(reported).items()) == [
        ('waiting', '3'),
        ('inference seconds (median)', '0.200'),
        ('unexpected errors', '0'),
        ('FOUND', '2'),
        ('BUSY', '4'),
    ]
    failures = SimpleNamespace(unexpected=1, latest='KeyError: 3')
    desk = SimpleNamespace(recent_seconds=[], tally=Counter())
    reported = requests_status(desk, 0, failures)
    assert (reported.level, 'KeyError: 3' in reported.message) == (WARN, True)


def test_statuses_are_published_under_the_name_of_the_node(rig) -> None:
    node = rig.node('grounding', namespace='kosmos')
    received = []
    node.create_subscription(DiagnosticArray, '/diagnostics', received.append, 10)
    diagnostics = Diagnostics(node, lambda: [status('model', OK, 'ready', {'a': 1})])
    rig.spin_until(lambda: diagnostics.publish() or received)
    reported = received[0].status[0]
    assert (reported.name, reported.hardware_id) == ('kosmos/grounding: model', 'kosmos/grounding')
    assert received[0].header.stamp.sec > 0
