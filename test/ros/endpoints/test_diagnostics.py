# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What /diagnostics says in each state."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import pytest

from kosmos_ros.core.model.frame_cache import FrameUse
from kosmos_ros.core.model.model_facts import ModelFacts
from kosmos_ros.core.types import Status
from kosmos_ros.ros.cameras.rectification import Rectification
from kosmos_ros.ros.endpoints.diagnostics import (
    camera_status,
    Diagnostics,
    frames_status,
    model_status,
    no_model_status,
    requests_status,
    status,
)
from kosmos_ros.ros.worker.worker import WorkerState

OK, WARN = DiagnosticStatus.OK, DiagnosticStatus.WARN
ERROR, STALE = DiagnosticStatus.ERROR, DiagnosticStatus.STALE


def values(one: DiagnosticStatus) -> dict[str, str]:
    return {entry.key: entry.value for entry in one.values}


LOADING, READY = WorkerState.LOADING, WorkerState.READY


@pytest.mark.parametrize(
    ('worker_state', 'state', 'overdue', 'restarts', 'level', 'message'),
    [
        (LOADING, 'configuring', 0.0, 0, WARN, 'loading'),
        (READY, 'active', 0.0, 0, OK, 'ready'),
        (READY, 'active', 1.0, 0, OK, 'ready'),
        (READY, 'active', 0.0, 1, OK, 'ready'),
        (READY, 'inactive', 0.0, 0, WARN, 'inactive: the model is loaded'),
        (READY, 'active', 9.0, 0, ERROR, 'hangs: 9 s over a deadline'),
        (READY, 'inactive', 9.0, 0, ERROR, 'hangs: 9 s over a deadline'),
        (LOADING, 'active', 0.0, 1, ERROR, 'loading anew: it crashed'),
        (WorkerState.FAILED, 'active', 0.0, 0, ERROR, 'no such file'),
        (WorkerState.CLOSED, 'active', 0.0, 0, STALE, 'shutting down'),
    ],
)
def test_the_model(
    worker_state: WorkerState,
    state: str,
    overdue: float,
    restarts: int,
    level: bytes,
    message: str,
) -> None:
    loaded = ModelFacts('mine', 'cpu', 'bfloat16, 2 threads', 1.25)
    worker = SimpleNamespace(
        state=worker_state,
        problem={WorkerState.FAILED: 'no such file'}.get(worker_state, 'it crashed' * restarts),
        restarts=restarts,
        model_bytes=lambda: 2_000_000,
        facts=loaded if worker_state is READY else ModelFacts(),
        seconds_overdue=lambda: overdue,
    )
    reported = model_status(worker, 'tabletop', state)
    assert (reported.level, message in reported.message) == (level, True)
    told = values(reported)
    assert float(told.pop('process megabytes')) > 10
    known = ('mine', 'cpu', 'bfloat16, 2 threads', '1.2')
    assert told == dict(
        zip(
            ('model', 'device', 'precision', 'load seconds'),
            known if worker_state is READY else ('tabletop', 'unknown', 'unknown', '0.0'),
            strict=True,
        )
    ) | {
        'life cycle': state,
        'restarts': str(restarts),
        'latest problem': worker.problem or 'none',
        'model megabytes': '2',
    }


def test_no_model() -> None:
    reported = no_model_status('tabletop', 'unconfigured', '')
    assert (reported.level, reported.message) == (WARN, 'unconfigured')
    reported = no_model_status('tabletop', 'unconfigured', 'a.safetensors is truncated')
    assert reported.level == ERROR
    assert reported.message == 'unconfigured: a.safetensors is truncated'
    assert values(reported)['model'] == 'tabletop'


@pytest.mark.parametrize(
    ('age', 'problem', 'level', 'message'),
    [
        (0.1, '', OK, 'images come'),
        (None, '', STALE, 'no image yet (why)'),
        (9.0, '', STALE, 'the newest image is 9.0 s old (why)'),
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
        bits=12,
        age=lambda: age,
        problem=lambda: problem,
        publishers=lambda: 1,
        is_subscribed=True,
        hint=lambda *, is_old=False: ' (why)' if age is None or is_old else '',
        stamp_problem=lambda: '',
        depth_problem=lambda: '',
        is_lost=lambda max_age: age is not None and age > max_age,
        rotation=180,
        rectification=Rectification(True, 'by the name of /image_rect', 'but /depth is raw'),
    )
    reported = camera_status(camera, max_age=2.0, rate=29.97, conversion='own: so be it')
    assert (reported.name, reported.level, reported.message) == ('camera front', level, message)
    assert values(reported)['malformed'] == '2'
    assert values(reported)['bits of 16'] == '12'
    assert values(reported)['converted by'] == 'own: so be it'
    assert values(reported)['images per second'] == '30.0'
    assert values(reported)['rotation'] == '180'
    assert values(reported)['rectified'] == 'true, by the name of /image_rect; but /depth is raw'
    camera.rectification = Rectification(False, 'as the parameter says')
    told = values(camera_status(camera, max_age=2.0, rate=0.0))
    assert told['rectified'] == 'false, as the parameter says'
    camera.rectification = None
    told = values(camera_status(camera, max_age=2.0, rate=0.0))
    assert told['rectified'] == 'does not matter: no depth topic'
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
    tally = Counter({Status.BUSY: 4, Status.FOUND: 2})
    failures = SimpleNamespace(unexpected=0, latest='')
    reported = requests_status(tally, {'waiting': 3}, failures)
    assert reported.level == OK
    assert list(values(reported).items()) == [
        ('waiting', '3'),
        ('unexpected errors', '0'),
        ('FOUND', '2'),
        ('BUSY', '4'),
    ]
    failures = SimpleNamespace(unexpected=1, latest='KeyError: 3')
    reported = requests_status(Counter(), {}, failures)
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
