# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An answer in space as RViz shows it: translucent boxes, each with a label above."""

from __future__ import annotations

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Pose, Vector3
import numpy as np
from std_msgs.msg import ColorRGBA
from vision_msgs.msg import BoundingBox3D, Detection3D, Detection3DArray
from visualization_msgs.msg import Marker, MarkerArray

from kosmos_ros.core.drawing.fonts import Color
from kosmos_ros.core.drawing.palette import colors_of, folded, LIGHT
from kosmos_ros.core.types import Grounding

_LIFETIME = Duration(sec=30)
"""Long enough for slow standing queries, short enough not to show what is long gone."""
_OPACITY = 0.4
_THINNEST = 0.002
"""Metres; RViz refuses to draw what has no extent."""
_NO_ID = -1
"""RViz rejects two markers of one namespace and id in one message, whatever they do."""
_LETTERS = 0.025
"""Metres that a capital letter is high."""


def markers_of(detections: Detection3DArray, grounding: Grounding, camera: str) -> MarkerArray:
    """
    Make the markers of an answer, which replace those of the answer before.

    :param detections: those of ``grounding`` that have a position.
    :param camera: its name is the namespace of its boxes. Labels have another namespace, so that
        they can be switched off.
    """
    boxes = camera or 'image'
    labels = f'{boxes}/labels'
    header = detections.header
    # RViz deletes what is in the namespace; others delete everything.
    markers = [
        Marker(header=header, ns=ns, id=_NO_ID, action=Marker.DELETEALL) for ns in (boxes, labels)
    ]
    colors = colors_of(grounding)
    for number, detection in enumerate(detections.detections):
        color = colors[folded(detection.results[0].hypothesis.class_id)]
        markers.append(_box(detection, color, boxes, number))
        markers.append(_label(detection, labels, number))
    return MarkerArray(markers=markers)


def _box(detection: Detection3D, color: Color, namespace: str, number: int) -> Marker:
    size = detection.bbox.size
    return Marker(
        header=detection.header,
        ns=namespace,
        id=number,
        type=Marker.CUBE,
        pose=detection.bbox.center,
        scale=Vector3(
            x=max(_THINNEST, size.x), y=max(_THINNEST, size.y), z=max(_THINNEST, size.z)
        ),
        color=_color_to_ros(color, _OPACITY),
        lifetime=_LIFETIME,
    )


def _label(detection: Detection3D, namespace: str, number: int) -> Marker:
    hypothesis = detection.results[0].hypothesis
    return Marker(
        header=detection.header,
        ns=namespace,
        id=number,
        type=Marker.TEXT_VIEW_FACING,
        pose=Pose(position=_above(detection.bbox)),
        text=f'{hypothesis.class_id} {hypothesis.score:.2f}'.strip(),
        scale=Vector3(z=_LETTERS),
        color=_color_to_ros(LIGHT, 1.0),
        lifetime=_LIFETIME,
    )


def _above(bbox: BoundingBox3D) -> Point:
    """Return the place of a label above a box as the camera sees it, against its y axis."""
    center, turn = bbox.center.position, bbox.center.orientation
    up = np.array([0.0, -bbox.size.y / 2 - _LETTERS, 0.0])
    axis = np.array([turn.x, turn.y, turn.z])
    # Rodrigues' rotation by a unit quaternion.
    twice = 2 * np.cross(axis, up)
    x, y, z = (up + turn.w * twice + np.cross(axis, twice)).tolist()
    return Point(x=center.x + x, y=center.y + y, z=center.z + z)


def _color_to_ros(color: Color, opacity: float) -> ColorRGBA:
    red, green, blue = (value / 255 for value in color)
    return ColorRGBA(r=red, g=green, b=blue, a=opacity)
