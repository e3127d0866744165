# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Boxes as Foxglove draws them over the image of a camera: ``foxglove_msgs/ImageAnnotations``.

The package foxglove_msgs is optional: without it there are no such topics, and ``~/debug_image``
shows the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.node import Node
from vision_msgs.msg import BoundingBox2D

from kosmos_ros.core.drawing.fonts import Color
from kosmos_ros.core.drawing.palette import colors_of_labels, folded, readable_on
from kosmos_ros.ros.executor.between_callbacks import between_callbacks

FONT_SIZE = 14.0
"""Pixels of the screen, in Foxglove; the image may be shown larger or smaller."""

_THICKNESS = 2.0
_PLATE = 0.8
"""Opacity of what is behind a label."""


def foxglove_messages() -> ModuleType | None:
    """Return the module of the messages, None where the package is not installed."""
    try:
        return import_module('foxglove_msgs.msg')
    except ImportError:
        return None


class ImageAnnotations:
    """
    Publishes annotations of the images of cameras, for subscribers.

    :param node: publishes ``~/annotations`` for the first camera and ``~/annotations/NAME`` for
        each other one: viewers draw a whole topic over one image.
    :param cameras: their names.
    """

    def __init__(self, node: Node, cameras: Sequence[str]) -> None:
        self._node = node
        self._messages = foxglove_messages()
        topics = {name: f'~/annotations/{name}' for name in cameras}
        topics[cameras[0]] = '~/annotations'
        self._publishers = (
            {}
            if self._messages is None
            else {
                name: node.create_publisher(self._messages.ImageAnnotations, topic, 10)
                for name, topic in topics.items()
            }
        )

    def has_listeners(self) -> bool:
        """Tell whether there are subscribers."""
        return any(one.get_subscription_count() for one in self._publishers.values())

    def publish(self, camera: str, groundings: Sequence[GroundingMessage]) -> None:
        """Replace the annotations of a camera's images, if there are subscribers."""
        publisher = self._publishers.get(camera)
        if publisher is not None and publisher.get_subscription_count():
            publisher.publish(annotations_to_ros(groundings, self._messages))

    def close(self) -> None:
        """Remove the topics."""
        publishers, self._publishers = self._publishers, {}
        for publisher in publishers.values():
            between_callbacks(self._node, self._node.destroy_publisher, publisher)


def annotations_to_ros(groundings: Sequence[GroundingMessage], messages: Any) -> Any:
    """
    Make the annotations for answers about one image.

    :param messages: the module ``foxglove_msgs.msg``.
    :returns: a ``foxglove_msgs/ImageAnnotations``; labels show phrase and score, and of a carried
        box its id.
    """
    drawn = messages.ImageAnnotations()
    for grounding in groundings:
        found = grounding.detections.detections
        labels = [one.results[0].hypothesis.class_id for one in found]
        colors = colors_of_labels([*(phrase.text for phrase in grounding.phrases), *labels])
        for detection, label in zip(found, labels, strict=True):
            color = colors[folded(label)]
            number = f'#{detection.id} ' if grounding.carried else ''
            text = f'{number}{label} {detection.results[0].hypothesis.score:.2f}'
            # In each of them: until 2025 the message had no stamp for the whole.
            stamp = {'timestamp': detection.header.stamp}
            drawn.points.append(_outline(detection.bbox, color, stamp, messages))
            drawn.texts.append(_label(text, detection.bbox, color, stamp, messages))
    return drawn


def _outline(box: BoundingBox2D, color: Color, stamp: dict[str, Any], messages: Any) -> Any:
    x0, y0, x1, y1 = _corners(box)
    return messages.PointsAnnotation(
        **stamp,
        type=messages.PointsAnnotation.LINE_LOOP,
        points=[messages.Point2(x=x, y=y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))],
        outline_color=_color(color, 1.0, messages),
        thickness=_THICKNESS,
    )


def _label(
    text: str, box: BoundingBox2D, color: Color, stamp: dict[str, Any], messages: Any
) -> Any:
    x, y, *_ = _corners(box)
    # The place of a text is its lower left corner: above the box, or inside if there is no room.
    return messages.TextAnnotation(
        **stamp,
        position=messages.Point2(x=x, y=y if y >= FONT_SIZE else y + FONT_SIZE),
        text=text,
        font_size=FONT_SIZE,
        text_color=_color(readable_on(color), 1.0, messages),
        background_color=_color(color, _PLATE, messages),
    )


def _corners(box: BoundingBox2D) -> tuple[float, float, float, float]:
    x, y = box.center.position.x, box.center.position.y
    return x - box.size_x / 2, y - box.size_y / 2, x + box.size_x / 2, y + box.size_y / 2


def _color(color: Color, opacity: float, messages: Any) -> Any:
    red, green, blue = (channel / 255 for channel in color)
    return messages.Color(r=red, g=green, b=blue, a=opacity)
