# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers of the node as plain data for the page. Boxes are corners in pixels of the image."""

from __future__ import annotations

from enum import IntEnum
import math

from builtin_interfaces.msg import Duration, Time
from kosmos_ros_msgs.msg import Grounding
from sensor_msgs.msg import RegionOfInterest
from vision_msgs.msg import Detection2D, Detection2DArray, Detection3D, Detection3DArray

from kosmos_ros.core.drawing.palette import colors_of_labels, folded
from kosmos_ros.core.plain import to_plain
from kosmos_ros.core.types import Role, Status, Task
from kosmos_ros.results.answers import box_as_data, Data, number
from kosmos_ros.ros.conversions.values import time_from_ros


class _SpaceStatus(IntEnum):
    NOT_CONFIGURED = Grounding.STATUS_3D_NOT_CONFIGURED
    FOUND = Grounding.STATUS_3D_FOUND
    PARTIAL = Grounding.STATUS_3D_PARTIAL
    FAILED = Grounding.STATUS_3D_FAILED


def answer_as_data(message: Grounding) -> Data:
    """
    Return an answer as data for JSON: each field of the message, and what the page shows by it.

    Stamps are nanoseconds as text, as JavaScript's numbers cannot hold them; ages and times are in
    seconds, positions and sizes in metres. A number that is not finite becomes None.
    """
    data: Data = to_plain(message, _LEAVES)
    data |= data.pop('header')
    data['task'], data['status'] = _name(Task, message.task), _name(Status, message.status)
    space = data.pop('detections_3d')
    data['space'] = {
        'status': _name(_SpaceStatus, data.pop('status_3d')),
        'message': data.pop('status_3d_message'),
        'frame_id': space['frame_id'],
    }
    for box in data['detections']:
        box['position'] = space['positions'].get(box['id'])
    for phrase in data['phrases']:
        phrase['role'] = _name(Role, phrase['role'])
    _color(data)
    return data


def _color(data: Data) -> None:
    """Give phrases and their boxes, alternatives too, the colour of their name."""
    phrases, boxes = data['phrases'], data['detections']
    names = [phrase['text'] for phrase in phrases] + [box['label'] for box in boxes]
    colors = {name: f'#{bytes(rgb).hex()}' for name, rgb in colors_of_labels(names).items()}
    for box in boxes:
        box['color'] = colors[folded(box['label'])]
    for phrase in phrases:
        for shown in (phrase, *phrase['alternatives']):
            shown['color'] = colors[folded(phrase['text'])]


def _box(detection: Detection2D) -> Data:
    center, box = detection.bbox.center.position, detection.bbox
    dx, dy = box.size_x / 2, box.size_y / 2
    corners = (center.x - dx, center.y - dy, center.x + dx, center.y + dy)
    if not detection.results:
        return box_as_data(detection.id, '', math.nan, corners)
    hypothesis = detection.results[0].hypothesis
    return box_as_data(detection.id, hypothesis.class_id, hypothesis.score, corners)


def _region(message: RegionOfInterest) -> list[int]:
    return [message.x_offset, message.y_offset, message.width, message.height]


def _space(message: Detection3DArray) -> Data:
    positions = {one.id: _position(one) for one in message.detections}
    return {'frame_id': message.header.frame_id, 'positions': positions}


def _position(detection: Detection3D) -> Data:
    center, size = detection.bbox.center.position, detection.bbox.size
    return {
        'x': number(center.x),
        'y': number(center.y),
        'z': number(center.z),
        'size': [number(size.x), number(size.y), number(size.z)],
    }


def _name(enum: type[IntEnum], number: int) -> str:
    """Return the name of a constant; a newer node may send unknown ones."""
    try:
        return enum(number).name
    except ValueError:
        return str(number)


_LEAVES = {
    Detection2D: _box,
    Detection2DArray: lambda message: [_box(one) for one in message.detections],
    Detection3DArray: _space,
    Duration: lambda duration: duration.sec + duration.nanosec / 1e9,
    RegionOfInterest: _region,
    Time: lambda time: str(time_from_ros(time)),
    float: number,
}
