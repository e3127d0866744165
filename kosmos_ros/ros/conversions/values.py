# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Values of the core <-> ROS messages, except images.

Reading a message checks it: ``InvalidRequestError`` says what was expected and what came.
"""

from __future__ import annotations

from builtin_interfaces.msg import Duration, Time
from kosmos_ros_msgs.msg import GroundedPhrase as PhraseMessage
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header
from vision_msgs.msg import (
    BoundingBox2D,
    Detection2D,
    Detection2DArray,
    ObjectHypothesisWithPose,
)

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.geometry import box_from_pixels, box_to_pixels
from kosmos_ros.core.types import Box, Grounding, Phrase, Region, Role, ScoredBox, Status, Task

_NANOSECONDS = 1_000_000_000
_MAX_SECONDS = 2**31 - 1


def time_from_ros(time: Time) -> int:
    """Return nanoseconds."""
    return time.sec * _NANOSECONDS + time.nanosec


def requested_time_from_ros(name: str, time: Time) -> int:
    """
    Return the nanoseconds of a request's time.

    :param name: of the field, for the error.
    :raises InvalidRequestError: if it is before 1970, or no time.
    """
    _check_nanoseconds(name, time.nanosec)
    if time.sec < 0:
        raise InvalidRequestError(f'{name} must be 0 or more, got {time.sec} s')
    return time_from_ros(time)


def duration_from_ros(name: str, duration: Duration) -> float:
    """
    Return seconds.

    :param name: of the field, for the error.
    :raises InvalidRequestError: if it is negative, or no duration.
    """
    _check_nanoseconds(name, duration.nanosec)
    seconds = duration.sec + duration.nanosec / _NANOSECONDS
    if seconds < 0:
        raise InvalidRequestError(f'{name} must be 0 or more, got {seconds:g} s')
    return seconds


def _check_nanoseconds(name: str, nanoseconds: int) -> None:
    """Reject more than a second of them, as left by a sum without carry."""
    if nanoseconds >= _NANOSECONDS:
        raise InvalidRequestError(
            f'{name}.nanosec must be within 0..{_NANOSECONDS - 1}, got {nanoseconds}: whole '
            'seconds belong into sec'
        )


def duration_to_ros(seconds: float) -> Duration:
    """Make a duration, as near to ``seconds`` as the message can hold."""
    bounded = max(-_MAX_SECONDS, min(_MAX_SECONDS, seconds))
    sec, nanosec = divmod(round(bounded * _NANOSECONDS), _NANOSECONDS)
    return Duration(sec=sec, nanosec=nanosec)


def task_from_ros(number: int) -> Task:
    """
    Return the task of a number in a message.

    :raises InvalidRequestError: if no task has it.
    """
    try:
        return Task(number)
    except ValueError:
        known = ', '.join(f'{task.value} {task.name}' for task in Task)
        raise InvalidRequestError(f'there is no task {number}, only {known}') from None


def has_region(message: RegionOfInterest) -> bool:
    """Tell whether a message means a region, not the whole image."""
    return bool(message.x_offset or message.y_offset or message.width or message.height)


def region_from_ros(message: RegionOfInterest) -> Region | None:
    """
    Return the region, None where all fields are zero.

    :raises InvalidRegionError: if it is empty.
    """
    if not has_region(message):
        return None
    return Region(message.x_offset, message.y_offset, message.width, message.height)


def region_to_ros(region: Region | None) -> RegionOfInterest:
    """Make a region of interest, all zero for None."""
    if region is None:
        return RegionOfInterest()
    return RegionOfInterest(
        x_offset=region.x, y_offset=region.y, width=region.width, height=region.height
    )


def probability_from_ros(name: str, value: float) -> float:
    """
    Check a probability; a 32-bit 0.3 comes back as 0.3, not as 0.30000001192.

    :param name: of the field, for the error.
    :raises InvalidRequestError: if it is not within 0..1.
    """
    if not 0.0 <= value <= 1.0:
        raise InvalidRequestError(f'{name} must be within 0..1, got {value:g}')
    return round(value, 7)


def detection_to_ros(detection: ScoredBox, width: int, height: int, header: Header) -> Detection2D:
    """Make a detection in pixels of an image of ``width`` x ``height``."""
    x0, y0, x1, y1 = box_to_pixels(detection.box, width, height)
    bbox = BoundingBox2D(size_x=x1 - x0, size_y=y1 - y0)
    bbox.center.position.x = (x0 + x1) / 2
    bbox.center.position.y = (y0 + y1) / 2
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id = detection.label
    result.hypothesis.score = detection.score
    return Detection2D(header=header, results=[result], bbox=bbox, id=detection.id)


def detection_from_ros(message: Detection2D, width: int, height: int) -> ScoredBox:
    """
    Read a detection of an image of ``width`` x ``height`` pixels.

    :raises InvalidRequestError: if it has no result or a score that is no probability.
    """
    if not message.results:
        raise InvalidRequestError('expected a detection with a result, got none')
    hypothesis = message.results[0].hypothesis
    return ScoredBox(
        box=_box_from_ros(message.bbox, width, height),
        score=probability_from_ros('score', hypothesis.score),
        label=hypothesis.class_id,
        id=message.id,
    )


def _box_from_ros(bbox: BoundingBox2D, width: int, height: int) -> Box:
    x, y = bbox.center.position.x, bbox.center.position.y
    dx, dy = bbox.size_x / 2, bbox.size_y / 2
    return box_from_pixels(x - dx, y - dy, x + dx, y + dy, width, height)


def phrase_to_ros(phrase: Phrase, width: int, height: int, header: Header) -> PhraseMessage:
    """Make a phrase about an image of ``width`` x ``height`` pixels."""
    return PhraseMessage(
        text=phrase.text,
        start=phrase.start,
        end=phrase.end,
        role=phrase.role.value,
        existence=phrase.existence,
        detections=list(phrase.detections),
        alternatives=[detection_to_ros(one, width, height, header) for one in phrase.alternatives],
    )


def phrase_from_ros(message: PhraseMessage, width: int, height: int) -> Phrase:
    """
    Read a phrase about an image of ``width`` x ``height`` pixels.

    :raises ValueError: if a field is out of its range.
    """
    return Phrase(
        text=message.text,
        start=message.start,
        end=message.end,
        role=Role(message.role),
        existence=probability_from_ros('existence', message.existence),
        detections=tuple(message.detections),
        alternatives=tuple(detection_from_ros(one, width, height) for one in message.alternatives),
    )


def grounding_to_ros(
    grounding: Grounding,
    header: Header,
    *,
    id: str = '',  # noqa: A002  as the message's field
    camera: str = '',
    image_age: float = 0.0,
) -> GroundingMessage:
    """
    Make an answer.

    :param header: stamp and frame of the source image; every detection gets it too.
    :param image_age: seconds.
    """
    size = (grounding.image_width, grounding.image_height)
    detections = [detection_to_ros(found, *size, header) for found in grounding.detections]
    return GroundingMessage(
        header=header,
        id=id,
        camera=camera,
        task=grounding.task.value,
        status=grounding.status.value,
        status_message=grounding.status_message,
        query=grounding.query,
        prompt=grounding.prompt,
        text=grounding.text,
        phrases=[phrase_to_ros(phrase, *size, header) for phrase in grounding.phrases],
        detections=Detection2DArray(header=header, detections=detections),
        model=grounding.model,
        calibrated=grounding.calibrated,
        image_age=duration_to_ros(image_age),
        inference_time=duration_to_ros(grounding.inference_time),
        looks=len(grounding.looks),
        looks_wanted=grounding.looks_wanted,
        look_regions=[region_to_ros(one) for one in grounding.looks],
        answered_stamp=header.stamp,
    )


def grounding_from_ros(message: GroundingMessage, width: int, height: int) -> Grounding:
    """
    Read an answer about an image of ``width`` x ``height`` pixels.

    :raises ValueError: if a field is out of its range.
    """
    return Grounding(
        task=task_from_ros(message.task),
        status=Status(message.status),
        image_width=width,
        image_height=height,
        query=message.query,
        status_message=message.status_message,
        prompt=message.prompt,
        text=message.text,
        phrases=tuple(phrase_from_ros(phrase, width, height) for phrase in message.phrases),
        detections=tuple(
            detection_from_ros(found, width, height) for found in message.detections.detections
        ),
        model=message.model,
        calibrated=message.calibrated,
        inference_time=duration_from_ros('inference_time', message.inference_time),
        looks=tuple(
            Region(one.x_offset, one.y_offset, one.width, one.height)
            for one in message.look_regions
        ),
        looks_wanted=message.looks_wanted,
    )
