# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions as they come in by service, and answers as they go out."""

from __future__ import annotations

from dataclasses import dataclass
import time
import uuid

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.pictures import Picture
from kosmos_ros.core.tasks import MAX_QUERY_LENGTH
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status
from kosmos_ros.ros.conversions import (
    duration_from_ros,
    grounding_to_ros,
    probability_from_ros,
    region_from_ros,
    task_from_ros,
    time_from_ros,
)
from kosmos_ros.ros.frames import Frame
from kosmos_ros.ros.image_conversions import check_layout
from kosmos_ros.ros.space import Space

MAX_RATE_HZ = 1000.0


@dataclass(frozen=True)
class Question:
    """
    A request, and which image it is about.

    ``frame`` is the request's own image; without one it is the newest of ``camera`` (empty: the
    first), stamped later than ``newer_than_ns`` (0: any) and at most ``max_age`` seconds old. A
    zero in ``max_age`` and ``timeout`` (seconds) means the node's own limit.
    """

    request: GroundingRequest
    id: str
    camera: str = ''
    frame: Frame | None = None
    newer_than_ns: int = 0
    max_age: float = 0.0
    timeout: float = 0.0


@dataclass(frozen=True)
class Answer:
    """
    A grounding and the image it is about.

    ``camera`` is empty if the question brought the image; ``image_age`` is in seconds, when the
    answer was ready. Pixels of ``picture`` are made only if somebody wants to see them. ``space``
    is None if the answer has nothing to do with a depth camera.
    """

    grounding: Grounding
    id: str
    camera: str
    header: Header
    picture: Picture
    image_age: float
    region: Region | None
    space: Space | None = None


def question_from_ros(request: Ground.Request) -> Question:
    """
    Read a question and check what can be checked without an image.

    :raises InvalidRequestError: if a field is out of its range, or the image is malformed.
    """
    return Question(
        request=_request_from_ros(request),
        id=request.id or uuid.uuid4().hex[:12],
        camera=request.camera,
        frame=_own_frame(request),
        newer_than_ns=time_from_ros(request.newer_than),
        max_age=duration_from_ros('max_age', request.max_age),
        timeout=duration_from_ros('timeout', request.timeout),
    )


def standing_from_ros(request: SetStandingQuery.Request) -> tuple[GroundingRequest, float]:
    """
    Read a standing query and its rate in answers per second.

    :raises InvalidRequestError: if a field is out of its range.
    """
    if not 0.0 <= request.rate_hz <= MAX_RATE_HZ:
        raise InvalidRequestError(
            f'rate_hz must be within 0..{MAX_RATE_HZ:g}, got {request.rate_hz:g}'
        )
    return _request_from_ros(request), request.rate_hz


def answer_to_ros(answer: Answer) -> GroundingMessage:
    """Make the message of an answer."""
    return grounding_to_ros(
        answer.grounding,
        answer.header,
        id=answer.id,
        camera=answer.camera,
        image_age=answer.image_age,
    )


def refusal_to_ros(request: Ground.Request, status: Status, message: str) -> GroundingMessage:
    """Make the message that tells why there is no answer."""
    return GroundingMessage(
        id=request.id,
        camera=request.camera,
        task=request.task,
        status=status.value,
        status_message=message,
        query=request.query[:MAX_QUERY_LENGTH],
    )


def _request_from_ros(request: Ground.Request | SetStandingQuery.Request) -> GroundingRequest:
    return GroundingRequest(
        query=request.query,
        task=task_from_ros(request.task),
        region=region_from_ros(request.region),
        min_score=probability_from_ros('min_score', request.min_score),
        max_detections=getattr(request, 'max_detections', 0),
    )


def _own_frame(request: Ground.Request) -> Frame | None:
    if not (request.image.data or request.image.width or request.image.height):
        return None
    check_layout(request.image)
    return Frame(request.image, time.monotonic())
