# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the node reports on ``/diagnostics``: the model, its frames, each camera, the requests.

Published by a timer of the executor, so that a hung model is reported as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from kosmos_ros.core.model.frame_cache import FrameUse
from kosmos_ros.core.types import Status
from kosmos_ros.ros.cameras.camera import Camera
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.executor.lifecycle import ACTIVE
from kosmos_ros.ros.executor.process_memory import resident_bytes
from kosmos_ros.ros.worker.worker import Worker, WorkerState

HUNG_SECONDS = 5.0
"""A model that goes on for longer after the end of its job's deadline is reported as hung."""

_MODEL_LEVELS = {
    WorkerState.LOADING: (DiagnosticStatus.WARN, 'loading'),
    WorkerState.READY: (DiagnosticStatus.OK, 'ready'),
    WorkerState.CLOSED: (DiagnosticStatus.STALE, 'shutting down'),
}


def status(
    name: str, level: bytes, message: str, values: Mapping[str, object]
) -> DiagnosticStatus:
    """Make a status."""
    return DiagnosticStatus(
        name=name,
        level=level,
        message=message,
        values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
    )


def model_status(worker: Worker, model: str, state: str) -> DiagnosticStatus:
    """
    Report whether the model can answer: OK means that it can.

    :param model: the parameter of that name.
    :param state: of the node's life cycle.
    """
    overdue = worker.seconds_overdue()
    level, message = _MODEL_LEVELS.get(worker.state, (DiagnosticStatus.ERROR, worker.problem))
    if worker.state is WorkerState.READY and overdue > HUNG_SECONDS:
        level, message = DiagnosticStatus.ERROR, f'hangs: {overdue:.0f} s over a deadline'
    elif worker.state is WorkerState.LOADING and worker.problem:
        level, message = DiagnosticStatus.ERROR, f'loading anew: {worker.problem}'
    elif worker.state is WorkerState.READY and state != ACTIVE:
        level, message = DiagnosticStatus.WARN, f'{state}: the model is loaded'
    values = {
        'model': worker.facts.name or model,
        'device': worker.facts.device or 'unknown',
        'precision': worker.facts.precision or 'unknown',
        'load seconds': f'{worker.facts.load_seconds:.1f}',
        'restarts': worker.restarts,
        'latest problem': worker.problem or 'none',
        'model megabytes': f'{worker.model_bytes() / 1e6:.0f}',
    }
    return status('model', level, message, values | _process_values(state))


def no_model_status(model: str, state: str, problem: str) -> DiagnosticStatus:
    """
    Report why there is no model in an unconfigured node.

    :param problem: why configuring failed, empty if it did not.
    """
    level, message = DiagnosticStatus.WARN, state
    if problem:
        level, message = DiagnosticStatus.ERROR, f'{state}: {problem}'
    return status('model', level, message, {'model': model} | _process_values(state))


def frames_status(use: FrameUse) -> DiagnosticStatus:
    """Report the cache of encoded images and its hits."""
    values = {
        'frames held': use.held,
        'megabytes': f'{use.nbytes / 1e6:.1f}',
        'encodings made': use.encoded,
        'encodings saved': use.reused,
    }
    return status('encoded images', DiagnosticStatus.OK, 'kept for later questions', values)


def camera_status(
    camera: Camera, max_age: float, rate: float, conversion: str = 'own'
) -> DiagnosticStatus:
    """
    Report whether usable images come; STALE when there are none (any more).

    :param rate: images per second.
    :param conversion: what converts them, and why.
    """
    age = camera.age()
    level, message = DiagnosticStatus.OK, 'images come'
    if camera.problem():
        level, message = DiagnosticStatus.WARN, camera.problem()
    elif not camera.is_subscribed:
        message = 'not subscribed: nobody needs it now'
    elif age is None:
        level, message = DiagnosticStatus.STALE, f'no image yet{camera.hint()}'
    elif camera.is_lost(max_age):
        message = f'the newest image is {age:.1f} s old{camera.hint(is_old=True)}'
        level = DiagnosticStatus.STALE
    elif problems := [one for one in (camera.stamp_problem(), camera.depth_problem()) if one]:
        level, message = DiagnosticStatus.WARN, '; '.join(['images come', *problems])
    values = {
        'topic': camera.topic,
        'publishers': camera.publishers(),
        'stamps': camera.stamp_problem() or 'good',
        'image age': 'none' if age is None else f'{age:.3f}',
        'images per second': f'{rate:.1f}',
        'received': camera.received,
        'malformed': camera.malformed,
        'repeated or late': camera.repeated,
        'rotation': camera.rotation,
        'rectified': _rectified(camera),
        'bits of 16': camera.bits or 'no such image',
        'converted by': conversion,
    }
    return status(f'camera {camera.name}', level, message, values)


def _rectified(camera: Camera) -> str:
    if camera.rectification is None:
        return 'does not matter: no depth topic'
    is_rectified, reason, doubt = camera.rectification
    told = f'{is_rectified}'.lower() + f', {reason}'
    return f'{told}; {doubt}' if doubt else told


def requests_status(
    tally: Mapping[Status, int], values: Mapping[str, object], failures: Failures
) -> DiagnosticStatus:
    """
    Report how questions ended, and unforeseen errors.

    :param tally: how many ended how.
    :param values: other figures of the queue and the answers.
    """
    level, message = DiagnosticStatus.OK, 'answering'
    if failures.unexpected:
        level, message = DiagnosticStatus.WARN, f'latest unexpected error: {failures.latest}'
    counts = {one.name: count for one, count in sorted(dict(tally).items())}
    errors = {'unexpected errors': failures.unexpected}
    return status('requests', level, message, {**values, **errors, **counts})


def _process_values(state: str) -> dict[str, object]:
    return {
        'life cycle': state,
        'process megabytes': f'{resident_bytes() / 1e6:.0f}',
    }


class Diagnostics:
    """
    Publishes ``/diagnostics``.

    :param collect: returns the statuses; the node's name is put before theirs.
    """

    def __init__(self, node: Node, collect: Callable[[], Sequence[DiagnosticStatus]]) -> None:
        self._node = node
        self._collect = collect
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)

    def publish(self) -> None:
        """Publish the current state."""
        name = self._node.get_fully_qualified_name().lstrip('/')
        statuses = list(self._collect())
        for one in statuses:
            one.hardware_id = name
            one.name = f'{name}: {one.name}'
        message = DiagnosticArray(status=statuses)
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)
