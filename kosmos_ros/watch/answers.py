# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers of the node as plain data for the page. Boxes are corners in pixels of the image."""

from __future__ import annotations

from enum import IntEnum
import math
from typing import Any

from kosmos_ros_msgs.msg import Grounding
from vision_msgs.msg import Detection2D, Detection3D

from kosmos_ros.core.drawing.palette import colors_of_labels, folded
from kosmos_ros.core.types import Role, Status, Task
from kosmos_ros.ros.conversions.values import time_from_ros

Data = dict[str, Any]

_SPACE_STATUSES = {
    Grounding.STATUS_3D_NOT_CONFIGURED: 'NOT_CONFIGURED',
    Grounding.STATUS_3D_FOUND: 'FOUND',
    Grounding.STATUS_3D_PARTIAL: 'PARTIAL',
    Grounding.STATUS_3D_FAILED: 'FAILED',
}


def answer_as_data(message: Grounding) -> Data:
    """
    Return an answer as data for JSON.

    Stamps are nanoseconds as text, as JavaScript's numbers cannot hold them; ages and times are in
    seconds, positions and sizes in metres. A number that is not finite becomes None.
    """
    found = message.detections.detections
    labels = [phrase.text for phrase in message.phrases] + [_label(one) for one in found]
    colors = {name: f'#{bytes(rgb).hex()}' for name, rgb in colors_of_labels(labels).items()}
    positions = {one.id: _position(one) for one in message.detections_3d.detections}
    boxes = [_box(one) | {'position': positions.get(one.id)} for one in found]
    for box in boxes:
        box['color'] = colors[folded(box['label'])]
    return {
        'id': message.id,
        'camera': message.camera,
        'stamp': str(time_from_ros(message.header.stamp)),
        'frame_id': message.header.frame_id,
        'task': _name(Task, message.task),
        'status': _name(Status, message.status),
        'status_message': message.status_message,
        'query': message.query,
        'prompt': message.prompt,
        'text': message.text,
        'model': message.model,
        'image_age': _seconds(message.image_age),
        'inference_time': _seconds(message.inference_time),
        'carried': message.carried,
        'answered_stamp': str(time_from_ros(message.answered_stamp)),
        'boxes': boxes,
        'phrases': [_phrase(one, colors[folded(one.text)]) for one in message.phrases],
        'space': {
            'status': _SPACE_STATUSES.get(message.status_3d, str(message.status_3d)),
            'message': message.status_3d_message,
            'frame_id': message.detections_3d.header.frame_id,
        },
    }


def _phrase(phrase: Any, color: str) -> Data:
    return {
        'text': phrase.text,
        'start': phrase.start,
        'end': phrase.end,
        'role': _name(Role, phrase.role),
        'existence': _number(phrase.existence),
        'boxes': list(phrase.detections),
        'alternatives': [_box(one) | {'color': color} for one in phrase.alternatives],
        'color': color,
    }


def _box(detection: Detection2D) -> Data:
    center, box = detection.bbox.center.position, detection.bbox
    score = detection.results[0].hypothesis.score if detection.results else math.nan
    return {
        'id': detection.id,
        'label': _label(detection),
        'score': _number(score),
        'x0': _number(center.x - box.size_x / 2),
        'y0': _number(center.y - box.size_y / 2),
        'x1': _number(center.x + box.size_x / 2),
        'y1': _number(center.y + box.size_y / 2),
    }


def _position(detection: Detection3D) -> Data:
    center, size = detection.bbox.center.position, detection.bbox.size
    return {
        'x': _number(center.x),
        'y': _number(center.y),
        'z': _number(center.z),
        'size': [_number(size.x), _number(size.y), _number(size.z)],
    }


def _label(detection: Detection2D) -> str:
    return str(detection.results[0].hypothesis.class_id) if detection.results else ''


def _name(enum: type[IntEnum], number: int) -> str:
    """Return a number's name; a newer node may send one that is not known here."""
    try:
        return enum(number).name
    except ValueError:
        return str(number)


def _seconds(duration: Any) -> float:
    return float(duration.sec + duration.nanosec / 1e9)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
