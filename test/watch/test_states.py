# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The state of the node in words."""

from __future__ import annotations

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
import pytest

from kosmos_ros.watch import states
from kosmos_ros.watch.states import Reports


def status(name: str, level: bytes, message: str, **values: str) -> DiagnosticStatus:
    listed = [KeyValue(key=key, value=value) for key, value in values.items()]
    return DiagnosticStatus(name=name, level=level, message=message, values=listed)


def report(*statuses: DiagnosticStatus) -> DiagnosticArray:
    return DiagnosticArray(status=list(statuses))


MODEL = status('kosmos/grounding: model', DiagnosticStatus.OK, 'ready', model='tabletop')
LOADING = status('kosmos/grounding: model', DiagnosticStatus.WARN, 'loading')
CAMERA = status(
    'kosmos/grounding: camera front', DiagnosticStatus.OK, 'images come', topic='/front/image_raw'
)
SILENT = status('kosmos/grounding: camera front', DiagnosticStatus.STALE, 'no image yet')


@pytest.fixture
def reports() -> Reports:
    return Reports('/kosmos/grounding')


def test_nobody_there(reports: Reports) -> None:
    state = reports.state(answers=False)
    assert (state.kind, state.statuses) == ('absent', ())
    assert state.sentence == 'No grounding node answers at /kosmos/grounding.'


def test_other_nodes_do_not_count(reports: Reports) -> None:
    other = status('other/grounding: model', DiagnosticStatus.OK, 'ready')
    assert not reports.receive(report(other))
    assert reports.state(answers=False).kind == 'absent'
    assert reports.state(answers=True).kind == 'waiting'


def test_ready(reports: Reports) -> None:
    assert reports.receive(report(MODEL, CAMERA))
    state = reports.state(answers=True)
    assert (state.kind, state.sentence) == ('ready', 'Ready, model tabletop.')
    assert reports.camera_topics() == {'front': '/front/image_raw'}
    assert state.statuses[1]['values'] == {'topic': '/front/image_raw'}
    assert reports.state(answers=False).kind == 'waiting'


def test_a_loading_model_is_waited_for_and_a_silent_camera_is_a_problem(reports: Reports) -> None:
    reports.receive(report(LOADING, CAMERA))
    state = reports.state(answers=True)
    assert (state.kind, state.sentence) == ('waiting', 'Model: loading.')
    reports.receive(report(MODEL, SILENT))
    state = reports.state(answers=True)
    assert (state.kind, state.sentence) == ('problem', 'Camera front: no image yet.')


def test_a_node_that_falls_silent(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    reports.receive(report(MODEL))
    late = states.time.monotonic() + 10.0
    monkeypatch.setattr(states.time, 'monotonic', lambda: late)
    state = reports.state(answers=True)
    assert state.kind == 'problem'
    assert 'has reported nothing for 10 s' in state.sentence
    assert reports.state(answers=False).kind == 'absent'
