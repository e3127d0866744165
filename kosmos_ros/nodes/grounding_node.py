# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The grounding node: put together here, at work in ``kosmos_ros.ros``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import os
import signal
import sys
import threading

from diagnostic_msgs.msg import DiagnosticStatus
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.backends.factory import make_backend as load_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.backend import Backend
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.ros.answering import Answerer
from kosmos_ros.ros.camera import Camera
from kosmos_ros.ros.camera_parameters import CameraSettings
from kosmos_ros.ros.desk import Desk
from kosmos_ros.ros.diagnostics import (
    camera_status,
    Diagnostics,
    frames_status,
    model_status,
    requests_status,
)
from kosmos_ros.ros.failures import Failures
from kosmos_ros.ros.job_queue import JobQueue
from kosmos_ros.ros.logging import forward_logging, stop_forwarding
from kosmos_ros.ros.outputs import Outputs
from kosmos_ros.ros.parameters import NodeParameters, NodeSettings
from kosmos_ros.ros.services import GroundService, StandingQueryService
from kosmos_ros.ros.standing import StandingQuery
from kosmos_ros.ros.worker import Worker

MakeBackend = Callable[[ModelSettings], Backend]

CAMERA = 'camera'
"""Name of the camera behind the topic ``image``."""

STOP_SECONDS = 1.0
"""How long the model gets to stop; with torch, the interpreter takes another second to end."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_BAD_PARAMETERS = 2
_POLL_SECONDS = 0.1


class GroundingNode(Node):
    """
    Answers questions about the newest image of a camera.

    :param make_backend: loads the model; called in the worker's thread.
    :raises ValueError: if a parameter given at start is out of its range.
    :raises ParameterException: if it is of another type.
    """

    def __init__(self, make_backend: MakeBackend = load_backend) -> None:
        super().__init__('grounding')
        self.failures = Failures(self.get_logger())
        """Errors that nobody foresaw; whoever spins the node reports to them too."""
        self._log_handler = forward_logging(self.get_logger())
        self._node_parameters = NodeParameters(self, self._on_settings)
        settings = self.settings()
        self._worker = Worker(
            lambda: make_backend(settings.model_settings()), JobQueue(settings.queue_size)
        )
        self._camera = Camera(self, _camera_settings(settings), self._worker.notify, self.failures)
        self._answerer = Answerer({CAMERA: self._camera}, self.get_clock(), self.settings)
        outputs = Outputs(self, lambda: self.settings().debug_image)
        self._desk = Desk(self._answerer.job, self._worker.submit, outputs.publish, self.failures)
        self._standing = StandingQuery(self._camera.newest, self._desk.standing_job)
        self._set_standing(*settings.standing())
        GroundService(self, self._desk.ask, self.failures)
        StandingQueryService(self, self._set_standing, self.failures)
        self._diagnostics = Diagnostics(self, self._statuses)
        # On the steady clock: it also has to report when simulated time stands still.
        self._timer = self.create_timer(
            1.0,
            self.failures.guard(self._every_second),
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )
        self._worker.start(self._standing)

    def settings(self) -> NodeSettings:
        """Return the values of the parameters at this moment."""
        return self._node_parameters.settings

    def stop(self, timeout: float) -> bool:
        """
        Stop the model and answer everybody who waits with CANCELLED.

        :param timeout: seconds to wait for the model.
        :returns: whether it stopped in time.
        """
        self._timer.cancel()
        return self._worker.close(timeout)

    def destroy_node(self) -> None:
        """Stop the model, as far as it does, and leave ROS."""
        self._worker.close(timeout=0.0)
        stop_forwarding(self._log_handler)
        super().destroy_node()

    def _every_second(self) -> None:
        self._camera.watch(self.settings().max_image_age)
        self._diagnostics.publish()

    def _statuses(self) -> list[DiagnosticStatus]:
        settings = self.settings()
        return [
            model_status(self._worker, settings.model),
            frames_status(self._answerer.frame_use),
            camera_status(self._camera, settings.max_image_age),
            requests_status(self._desk, self._worker.waiting(), self.failures),
        ]

    def _on_settings(self, before: NodeSettings, now: NodeSettings) -> None:
        if now.standing() != before.standing():
            self._set_standing(*now.standing())

    def _set_standing(self, request: GroundingRequest | None, rate_hz: float) -> None:
        self._standing.set(request, rate_hz)
        self._worker.notify()


def _camera_settings(settings: NodeSettings) -> CameraSettings:
    return CameraSettings(
        name=CAMERA,
        topic='image',
        transport=settings.image_transport,
        reliability=settings.image_reliability,
    )


def main(args: Sequence[str] | None = None, make_backend: MakeBackend = load_backend) -> int:
    """
    Run the node until SIGINT or SIGTERM.

    :param args: the command line, ``sys.argv`` by default.
    :param make_backend: loads the model.
    :returns: the exit status: 0, or 2 for parameters that cannot be.
    """
    stop = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    # rclpy's own handlers would close the context before those who wait could be answered.
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = GroundingNode(make_backend)
    except (ParameterException, ValueError) as error:
        get_logger('grounding').fatal(str(error))
        rclpy.try_shutdown()
        return _EXIT_BAD_PARAMETERS
    return _run(node, stop)


def _run(node: GroundingNode, stop: threading.Event) -> int:
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    spin_once = node.failures.guard(executor.spin_once)
    while rclpy.ok() and not stop.is_set():
        spin_once(_POLL_SECONDS)
    # Impatient people and launch send a second one, which must not kill the end of the first.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    node.get_logger().info('shutting down')
    stopped = node.stop(STOP_SECONDS)
    for _ in range(node.settings().queue_size + 1):
        spin_once(0.0)
    executor.shutdown(timeout_sec=0.0)
    node.destroy_node()
    rclpy.try_shutdown()
    if not stopped:
        # The thread is inside the model; ending the interpreter under it may crash.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    return 0


if __name__ == '__main__':
    sys.exit(main())
