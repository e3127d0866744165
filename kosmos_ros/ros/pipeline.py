# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Everything that lives from configure to cleanup, put together: model, cameras, answers.

Transitions come in a thread of their own, all other calls from the threads of executor and worker;
each part is safe for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.publisher import Publisher

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.isolation.pictures import PictureProcess
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.ros.answering.answerer import Answerer
from kosmos_ros.ros.answering.dispatcher import Dispatcher
from kosmos_ros.ros.answering.positions import SpaceFinder
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.answering.standing_query import StandingQuery
from kosmos_ros.ros.cameras.camera import Camera
from kosmos_ros.ros.cameras.camera_set import CameraSet
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.conversions.image_converter import ImageConverter
from kosmos_ros.ros.conversions.images import Converters
from kosmos_ros.ros.endpoints.diagnostics import (
    camera_status,
    frames_status,
    model_status,
    requests_status,
)
from kosmos_ros.ros.endpoints.image_annotations import ImageAnnotations
from kosmos_ros.ros.endpoints.publishers import TracksOutput
from kosmos_ros.ros.endpoints.statistics import Rate, Statistics
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.parameters.declared import NodeParameters
from kosmos_ros.ros.tracks.carrier import Carrier
from kosmos_ros.ros.worker.model_source import ModelSource
from kosmos_ros.ros.worker.queue import JobQueue
from kosmos_ros.ros.worker.worker import Worker, WorkerState

MakeSource = Callable[[ModelSettings], ModelSource]


class Pipeline:
    """
    The parts of a configured node.

    :param node: whose topics, clock and log they use.
    :param make_source: says where the model comes from.
    :param parameters: of the node; frozen, so that those that would need a new pipeline stay the
        same.
    :param publish: publishes an answer; called in the worker's thread.
    :param tracks: publisher of carried boxes.
    """

    def __init__(
        self,
        node: Node,
        make_source: MakeSource,
        parameters: NodeParameters,
        publish: Callable[[Answer], None],
        tracks: Publisher,
        failures: Failures,
    ) -> None:
        self._parameters = parameters
        self._failures = failures
        fixed = parameters.settings
        self._queue = JobQueue(fixed.queue_size, BusyPolicy(fixed.busy_policy))
        self._worker = Worker(make_source(fixed.model_settings()), self._queue)
        self._converter = ImageConverter(fixed.image_conversion)
        self._pictures = PictureProcess()
        converters = Converters(self._converter, self._pictures)
        self._cameras = CameraSet(
            node,
            parameters.cameras(),
            lambda: parameters.settings,
            self._see,
            failures,
            converters,
        )
        self._space = SpaceFinder(node, lambda: parameters.settings.target_frame)
        self._publish_answer = publish
        self._annotations = ImageAnnotations(node, [one.name for one in parameters.cameras()])
        self._tracks = TracksOutput(
            tracks, self._annotations, lambda: parameters.settings.carry_boxes
        )
        self._carrier = Carrier(self._tracks, node.get_clock(), failures)
        self._cameras.keep_needed(self._carrier.needed_camera)
        self._statistics = Statistics()
        self._rates: defaultdict[str, Rate] = defaultdict(Rate)
        self._answerer = Answerer(
            self._cameras,
            node.get_clock(),
            lambda: parameters.settings,
            self._space.find,
            converters,
        )
        self.dispatcher = Dispatcher(
            self._answerer,
            self._worker,
            self._queue,
            lambda: parameters.settings,
            self._publish,
            failures,
        )
        """Where questions are handed in."""
        self._standing = StandingQuery(self._cameras.newest, self.dispatcher.standing_job)
        self._cameras.keep_needed(self._standing.camera)

    def load(self) -> None:
        """
        Load the model and wait for it.

        :raises InvalidRequestError: if the standing query can be answered on no image at all.
        :raises ModelLoadError: if the model cannot be loaded, or ``close`` came first.
        :raises MissingDependencyError: if the required image converter cannot be used.
        """
        self.set_standing(*self._parameters.settings.standing())
        self._worker.start(self._standing)
        self._converter.choose()
        state = self._worker.wait_loaded()
        if state is WorkerState.FAILED:
            raise ModelLoadError(self._worker.problem)
        if state is WorkerState.CLOSED:
            raise ModelLoadError('stopped while the model was being loaded')

    def interrupt(self) -> None:
        """Have ``load`` fail soon."""
        self._converter.close()
        self._worker.close(0.0)

    def activate(self) -> None:
        """Start the cameras and answer."""
        self._space.watch()
        self._carrier.start()
        self._cameras.start()
        self._worker.resume()

    def deactivate(self, timeout: float) -> bool:
        """
        Answer all waiting callers with CANCELLED and stop the cameras; the model stays loaded.

        :param timeout: seconds to wait for the model to stop.
        :returns: whether it stopped in time.
        """
        is_paused = self._worker.pause(timeout)
        self._cameras.stop()
        self._carrier.stop()
        return is_paused

    def close(self, timeout: float) -> bool:
        """
        Answer all waiting callers with CANCELLED and release everything.

        :param timeout: seconds to wait for the model to stop.
        :returns: whether it stopped in time.
        """
        self._converter.close()
        is_closed = self._worker.close(timeout)
        self._pictures.close()
        self._cameras.stop()
        self._space.close()
        self._carrier.stop()
        self._annotations.close()
        return is_closed

    def set_standing(
        self, request: GroundingRequest | None, rate_hz: float, camera: str = ''
    ) -> None:
        """
        Replace the standing query.

        :raises InvalidRequestError: if it can be answered on no image at all, or there is no such
            camera.
        """
        cameras = self._cameras.resolve(camera)
        self._standing.set(request, rate_hz, camera)
        if request is not None:
            for one in cameras:
                one.need()
        self._worker.notify()

    def watch(self) -> None:
        """Watch cameras and clients; to be called every second or so while active."""
        self._space.watch()
        self._cameras.watch(self._parameters.settings.max_image_age)

    def watch_model(self) -> None:
        """Look after the model; to be called every second or so."""
        self._worker.watch(self._parameters.settings.hang_timeout)

    def clear(self) -> None:
        """Forget what was seen, as when the clock was set back."""
        self._cameras.clear()
        self._space.clear()
        self._carrier.clear()
        self._answerer.clear()

    def statuses(self, state: str) -> list[DiagnosticStatus]:
        """
        Report the state of each part.

        :param state: of the node's life cycle.
        """
        settings = self._parameters.settings
        return [
            model_status(self._worker, settings.model, state),
            frames_status(self._answerer.frame_use),
            *(self._camera_status(one) for one in self._cameras),
            requests_status(
                self._failures.tally,
                self._queue_values() | self._statistics.values(),
                self._failures,
            ),
        ]

    def _see(self, camera: str, frame: Frame) -> None:
        self._worker.notify()
        self._carrier.see(camera, frame)

    def _publish(self, answer: Answer) -> None:
        self._statistics.note(answer)
        self._publish_answer(answer)
        self._carrier.answer(answer)
        self._tracks.publish_answer(answer)

    def _camera_status(self, camera: Camera) -> DiagnosticStatus:
        rate = self._rates[f'camera {camera.name}'].per_second(camera.received)
        max_age = self._parameters.settings.max_image_age
        return camera_status(camera, max_age, rate, self._converter.description)

    def _queue_values(self) -> dict[str, object]:
        settings = self._parameters.settings
        return {
            'waiting': self._worker.waiting(),
            'queue size': settings.queue_size,
            'busy policy': settings.busy_policy,
        }
