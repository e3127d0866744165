# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A ROS client that shows scenes to a camera and asks the grounding node about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
import time
from typing import Any, TypeVar

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Point
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from kosmos_ros_msgs.srv import Ground
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.time import Time
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

from kosmos_ros.bringup import NodeProcess
from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding, Status
from kosmos_ros.demo.kept import KeptMessages
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.truth import Position, Truth, TruthObject
from kosmos_ros.ros.conversions.images import image_from_ros
from kosmos_ros.ros.conversions.values import (
    detection_from_ros,
    grounding_from_ros,
    region_to_ros,
    time_from_ros,
)
from kosmos_ros.sim.scenes.scene import CameraKind

KEPT_FRAMES = 100
"""Images and truths kept until an answer says which one it is about; 92 MB at 640x480."""

_NOT_YET = (Status.NOT_READY, Status.NO_IMAGE, Status.STALE_IMAGE, Status.TIMEOUT)
_SPIN_SECONDS = 0.1
_RETRY_SECONDS = 1.0
_IMAGE_SECONDS = 3.0
"""For the image of an answer to come, if it is still to come."""

Result = TypeVar('Result')


class NoResponseError(KosmosError, RuntimeError):
    """A process runs but does not respond."""


@dataclass(frozen=True)
class Patience:
    """A wait: for what in words, for how many seconds at most, and since when."""

    what: str
    seconds: float
    start: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds waited so far."""
        return time.monotonic() - self.start


Waiting = Callable[[Patience], None]
"""Called about ten times a second while nothing has come yet; may raise to give up."""


@dataclass(frozen=True)
class CameraView:
    """
    What the simulated camera is asked for, by its parameters.

    ``seed`` is that of the scene, ``view`` where the camera is, and the size is in pixels.
    """

    seed: int
    view: str = CameraKind.USUAL.value
    width: int = 640
    height: int = 480


@dataclass(frozen=True)
class CheckedImage:
    """One image of the camera, its stamp in nanoseconds, and its ground truth."""

    stamp: int
    image: RgbImage
    truth: Truth


@dataclass(frozen=True)
class Response:
    """
    An answer, the view it is about, and the milliseconds from request to response.

    ``positions`` are those of its detections by their ids, metres in the camera's optical frame.
    """

    grounding: Grounding
    view: CheckedImage
    milliseconds: float
    positions: Mapping[str, Position]


class DemoClient:
    """Talks to both processes from the calling thread; calls ``waiting`` while it waits."""

    def __init__(self, camera: NodeProcess, grounding: NodeProcess, waiting: Waiting) -> None:
        self._waiting = waiting
        self._images = KeptMessages[Image](KEPT_FRAMES)
        self._truths = KeptMessages[Detection2DArray](KEPT_FRAMES)
        self._node = Node('kosmos_demo')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._ground = self._node.create_client(Ground, f'{grounding.full_name}/ground')
        self._set_camera = self._node.create_client(
            SetParameters, f'{camera.full_name}/set_parameters'
        )
        self._model = DiagnosticStatus(
            name=f'{grounding.full_name.lstrip("/")}: model', level=DiagnosticStatus.STALE
        )
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._hear_diagnostics, 10)
        # Deep enough for a machine so busy that this process seldom runs.
        qos = QoSProfile(depth=KEPT_FRAMES // 2)
        self._subscriptions = [
            self._node.create_subscription(kind, f'{camera.namespace}/{topic}', kept.put, qos)
            for kind, topic, kept in (
                (Image, 'image_raw', self._images),
                (Detection2DArray, 'ground_truth', self._truths),
            )
        ]

    def close(self) -> None:
        """Leave the ROS graph."""
        self._executor.shutdown()
        self._node.destroy_node()

    def wait_for_view(self, newer_than: int, patience: Patience) -> CheckedImage:
        """
        Wait for an image with its ground truth.

        :param newer_than: stamp in nanoseconds.
        :raises NoResponseError: if none comes in time.
        """

        def newest() -> CheckedImage | None:
            stamps = [stamp for stamp in self._images.by_stamp if stamp > newer_than]
            return self._view(max(stamps)) if stamps else None

        return self._wait(newest, patience)

    def wait_for_model(self, patience: Patience) -> Grounding:
        """
        Wait until the grounding node has loaded its model, and ask it a first question.

        :raises NoResponseError: if it has none in time, or cannot load it.
        """
        self._wait(self._model_is_ready, patience)
        self._wait(lambda: self._ground.service_is_ready() or None, patience)
        request = Ground.Request(task=Ground.Request.TASK_LOCATE, query='something')
        while True:
            message = self._call(self._ground, request, patience).grounding
            if Status(message.status) not in _NOT_YET:
                return grounding_from_ros(message, 1, 1)
            patience = replace(patience, what=f'an answer: {message.status_message}')
            again = time.monotonic() + _RETRY_SECONDS
            self._wait(lambda: time.monotonic() > again or None, patience)  # noqa: B023

    def show_scene(self, wanted: CameraView, patience: Patience) -> CheckedImage:
        """
        Make the camera show a scene.

        :returns: the first view of it.
        :raises NoResponseError: if the camera does not respond in time, or refuses.
        """
        self._wait(lambda: self._set_camera.service_is_ready() or None, patience)
        parameters = [
            Parameter(name, value=value).to_parameter_msg() for name, value in vars(wanted).items()
        ]
        request = SetParameters.Request(parameters=parameters)
        for result in self._call(self._set_camera, request, patience).results:
            if not result.successful:
                raise NoResponseError(
                    f'the camera does not show scene {wanted.seed}: {result.reason}'
                )
        now = int(self._node.get_clock().now().nanoseconds)
        return self.wait_for_view(now, patience)

    def ask(self, question: DemoQuestion, newer_than: int, patience: Patience) -> Response:
        """
        Ask the grounding node by service.

        :param newer_than: the image's stamp has to be later than this, in nanoseconds.
        :raises NoResponseError: if there is no answer in time.
        """
        request = Ground.Request(
            task=question.task.value,
            query=question.query,
            region=region_to_ros(question.region),
            newer_than=Time(nanoseconds=newer_than).to_msg(),
        )
        asked_for = patience.what
        while True:
            asked = time.monotonic()
            with self._images.holding(), self._truths.holding():
                message = self._call(self._ground, request, patience).grounding
                milliseconds = 1000 * (time.monotonic() - asked)
                view = self._view_of(message, newer_than, patience)
            if view:
                height, width = view.image.shape[:2]
                grounding = grounding_from_ros(message, width, height)
                return Response(grounding, view, milliseconds, positions_from_ros(message))
            # This process was too busy to receive that image, so the answer cannot be judged.
            patience = replace(patience, what=f'{asked_for}, asked again')

    def stop_watching(self) -> None:
        """Stop receiving images."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()

    def _model_is_ready(self) -> bool | None:
        if self._model.level == DiagnosticStatus.ERROR:
            raise NoResponseError(f'the grounding node has no model: {self._model.message}')
        return self._model.level == DiagnosticStatus.OK or None

    def _hear_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == self._model.name:
                self._model = status

    def _view_of(
        self, message: GroundingMessage, newer_than: int, patience: Patience
    ) -> CheckedImage | None:
        """Return the image of an answer; None if it did not arrive here."""
        stamp = time_from_ros(message.header.stamp)
        if not stamp:  # there is no answer, and so no image of it
            return self.wait_for_view(newer_than, patience)
        deadline = time.monotonic() + _IMAGE_SECONDS
        self._wait(lambda: self._view(stamp) or time.monotonic() > deadline or None, patience)
        return self._view(stamp)

    def _view(self, stamp: int) -> CheckedImage | None:
        image, truth = self._images.by_stamp.get(stamp), self._truths.by_stamp.get(stamp)
        if image is None or truth is None:
            return None
        return CheckedImage(
            stamp, image_from_ros(image), truth_from_ros(truth, image.width, image.height)
        )

    def _call(self, client: Client, request: Any, patience: Patience) -> Any:
        future = client.call_async(request)
        try:
            return self._wait(lambda: future.result() if future.done() else None, patience)
        finally:
            client.remove_pending_request(future)

    def _wait(self, result: Callable[[], Result | None], patience: Patience) -> Result:
        """Spin until there is a result."""
        while (found := result()) is None:
            self._waiting(patience)
            if patience.elapsed > patience.seconds:
                raise NoResponseError(
                    f'waited {patience.seconds:.0f} s in vain for {patience.what}'
                )
            self._executor.spin_once(timeout_sec=_SPIN_SECONDS)
        return found


def positions_from_ros(message: GroundingMessage) -> dict[str, Position]:
    """Return the positions of an answer's detections, by their ids."""
    return {
        found.id: _as_position(found.bbox.center.position)
        for found in message.detections_3d.detections
    }


def _as_position(point: Point) -> Position:
    return point.x, point.y, point.z


def truth_from_ros(message: Detection2DArray, width: int, height: int) -> Truth:
    """Read the simulated camera's ground truth of an image of ``width`` by ``height`` pixels."""
    objects = []
    for detection in message.detections:
        found = detection_from_ros(detection, width, height)
        color, shape = found.label.split()
        position = _as_position(detection.results[0].pose.pose.position)
        objects.append(TruthObject(color, shape, found.box, found.score > 0, position))
    return Truth(width, height, tuple(objects))
