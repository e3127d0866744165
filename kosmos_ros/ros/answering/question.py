# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions as they come in by service and action, and answers as they go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
import math
import time
from typing import Union
import uuid

from kosmos_ros_msgs.action import Ground as GroundAction
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.views import Picture
from kosmos_ros.core.language.auto_task import check_query, MAX_QUERY_LENGTH
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.tasks.request import resolve, ResolvedRequest
from kosmos_ros.core.tasks.table import choose_task
from kosmos_ros.core.texts import MAX_NAME
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.parameters.node_settings import MAX_RATE_HZ, MAX_TIMEOUT
from kosmos_ros.ros.answering.positions import Space
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.conversions.images import check_message
from kosmos_ros.ros.conversions.values import (
    detection_to_ros,
    duration_from_ros,
    grounding_to_ros,
    has_region,
    phrase_to_ros,
    probability_from_ros,
    region_from_ros,
    requested_time_from_ros,
    task_from_ros,
)

GroundRequest = Union[Ground.Request, GroundAction.Goal]
"""They have the same fields."""


@dataclass(frozen=True)
class Question:
    """
    A request that has been checked, and which image it is about.

    ``frame`` is the request's own image; without one, that of ``camera`` (empty: the first, '*':
    one of each), stamped later than ``newer_than_ns`` (0: any), of those the nearest to
    ``nearest_to_ns`` (0: the newest), and at most ``max_age`` seconds old. A zero in ``max_age``
    and ``timeout`` (seconds) means the node's own limit. Looks that would end more than
    ``look_seconds`` after it was handed in are not begun.
    """

    request: ResolvedRequest
    id: str
    camera: str = ''
    frame: Frame | None = None
    newer_than_ns: int = 0
    nearest_to_ns: int = 0
    max_age: float = 0.0
    timeout: float = 0.0
    look_seconds: float = math.inf


@dataclass(frozen=True)
class Answer:
    """
    A grounding and the image it is about.

    ``camera`` is empty if the question brought the image; ``image_age`` is in seconds, when the
    answer was ready. Pixels of ``picture`` are made only when needed. ``space`` is None without a
    depth camera.
    """

    grounding: Grounding
    id: str
    camera: str
    header: Header
    picture: Picture
    image_age: float
    region: Region | None
    space: Space | None = None


@dataclass(frozen=True)
class CameraRefusal:
    """Why a camera has no answer in a reply of all cameras."""

    camera: str
    status: Status
    message: str


@dataclass(frozen=True)
class Reply:
    """
    The outcome of a question.

    Of all cameras, ``each`` holds the answer or refusal of each, in their order, and ``best`` is
    one of the answers. It is empty where one image was asked about.
    """

    best: Answer
    each: tuple[Answer | CameraRefusal, ...] = ()

    def answers(self) -> tuple[Answer, ...]:
        """Return all answers."""
        return tuple(one for one in self.each if isinstance(one, Answer)) or (self.best,)


@dataclass(frozen=True)
class PartialAnswer:
    """An answer so far, and the image it is about."""

    progress: Progress
    header: Header
    width: int
    height: int


PartialListener = Callable[[PartialAnswer], None]
"""Called after each token, in the model's thread: it has to be quick."""


def ignore_partial(partial: PartialAnswer) -> None:
    """Ignore progress: the default."""


def question_from_ros(request: GroundRequest) -> Question:
    """
    Read a question, and decide what can be decided without an image.

    Of the request what a refusal repeats is left, however the reading ends: its id, its task, AUTO
    resolved, and the beginnings of long texts. ROS keeps a goal's request longer than its answer.

    :raises InvalidRequestError: if a field is out of its range, the image is malformed, or no
        image at all could be asked this.
    """
    image, request.image = request.image, Image()
    has_image = bool(image.data or image.width or image.height)
    given, camera, query = request.id, request.camera, request.query
    _settle(request)
    if has_image:
        request.camera = ''
    if len(given) > MAX_NAME:
        raise InvalidRequestError(f'id must have at most {MAX_NAME} characters, got {len(given)}')
    return Question(
        request=resolve(replace(_request_from_ros(request), query=query)),
        id=request.id,
        camera=camera,
        frame=_own_frame(image) if has_image else None,
        newer_than_ns=requested_time_from_ros('newer_than', request.newer_than),
        nearest_to_ns=requested_time_from_ros('nearest_to', request.nearest_to),
        max_age=duration_from_ros('max_age', request.max_age),
        timeout=min(duration_from_ros('timeout', request.timeout), MAX_TIMEOUT),
    )


def standing_from_ros(request: SetStandingQuery.Request) -> tuple[GroundingRequest, float, str]:
    """
    Read a standing query, its rate in answers per second, and its camera.

    :raises InvalidRequestError: if a field is out of its range.
    """
    if not 0.0 <= request.rate_hz <= MAX_RATE_HZ:
        raise InvalidRequestError(
            f'rate_hz must be within 0..{MAX_RATE_HZ:g}, got {request.rate_hz:g}'
        )
    return _request_from_ros(request), request.rate_hz, request.camera


def answer_to_ros(answer: Answer) -> GroundingMessage:
    """Make the message of an answer."""
    message = grounding_to_ros(
        answer.grounding,
        answer.header,
        id=answer.id,
        camera=answer.camera,
        image_age=answer.image_age,
    )
    if answer.space is not None:
        message.detections_3d = answer.space.detections
        message.status_3d = answer.space.status
        message.status_3d_message = answer.space.message
    return message


def each_to_ros(reply: Reply) -> list[GroundingMessage]:
    """Make the messages of each camera's answer or refusal."""
    best = reply.best
    return [
        answer_to_ros(one)
        if isinstance(one, Answer)
        else GroundingMessage(
            id=best.id,
            camera=one.camera,
            task=best.grounding.task.value,
            status=one.status.value,
            status_message=one.message,
            query=best.grounding.query,
        )
        for one in reply.each
    ]


def partial_to_ros(partial: PartialAnswer) -> GroundAction.Feedback:
    """Make the feedback of an answer that is being written."""
    size = (partial.width, partial.height)
    progress, header = partial.progress, partial.header
    detections = [detection_to_ros(one, *size, header) for one in progress.detections]
    return GroundAction.Feedback(
        partial_text=progress.text,
        tokens=progress.tokens,
        phrases=[phrase_to_ros(one, *size, header) for one in progress.phrases],
        detections=Detection2DArray(header=header, detections=detections),
    )


def refusal_to_ros(request: GroundRequest, status: Status, message: str) -> GroundingMessage:
    """Make the message that says why there is no answer to a request that was read."""
    return GroundingMessage(
        id=request.id,
        camera=request.camera,
        task=request.task,
        status=status.value,
        status_message=message,
        query=request.query,
    )


def _request_from_ros(request: GroundRequest | SetStandingQuery.Request) -> GroundingRequest:
    """Read the fields that all requests share."""
    return GroundingRequest(
        query=request.query,
        task=task_from_ros(request.task),
        region=region_from_ros(request.region),
        min_score=probability_from_ros('min_score', request.min_score),
        max_detections=request.max_detections,
        alternatives=request.alternatives,
        max_looks=request.max_looks,
    )


def _settle(request: GroundRequest) -> None:
    """Fill in an id and the task that AUTO means, and shorten texts; never fails."""
    request.id = request.id[:MAX_NAME] or uuid.uuid4().hex[:12]
    request.camera = request.camera[:MAX_NAME]
    request.query = request.query[:MAX_QUERY_LENGTH]
    if request.task == Task.AUTO.value:
        try:
            query = check_query(request.query)
        except InvalidRequestError:
            query = request.query
        request.task = choose_task(query, has_region(request.region)).value


def _own_frame(image: Image) -> Frame:
    check_message(image)
    return Frame(image, time.monotonic())
