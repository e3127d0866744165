# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to a camera's images, depth and model, remappings applied."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.parameters.camera_settings import (
    CameraSettings,
    compressed_topic_of,
    info_topic_of,
)
from kosmos_ros.ros.cameras.depth_source import DepthSource
from kosmos_ros.ros.cameras.rectification import rectification
from kosmos_ros.ros.cameras.topic_hints import image_advice
from kosmos_ros.ros.cameras.topic_subscription import TopicSubscription
from kosmos_ros.ros.conversions.images import ImageMessage
from kosmos_ros.ros.executor.failures import Failures


def image_subscription(
    node: Node, settings: CameraSettings, on_message: Callable[[ImageMessage], None]
) -> TopicSubscription:
    """Make the subscription of a camera's images."""
    is_raw = settings.transport == 'raw'
    # Remappings of the image topic apply to the compressed one too.
    raw_topic = node.resolve_topic_name(settings.topic)
    return TopicSubscription(
        node,
        Image if is_raw else CompressedImage,
        raw_topic if is_raw else compressed_topic_of(raw_topic),
        on_message,
        settings.reliability,
        advice=image_advice(settings.name, raw_topic, settings.transport),
    )


def depth_source(
    node: Node, settings: CameraSettings, tolerance: Callable[[], float], failures: Failures
) -> DepthSource | None:
    """
    Make the subscription of a camera's depth and model, None for a camera without depth.

    :param tolerance: returns the most seconds between the stamps of an image and its depth.
    """
    if not settings.depth_topic:
        return None
    image, depth = map(node.resolve_topic_name, (settings.topic, settings.depth_topic))
    return DepthSource(
        node,
        settings.depth_topic,
        _info_topic(node, settings),
        tolerance,
        failures,
        rectification(settings.rectified, image, depth),
        settings.depth_scale,
    )


def _info_topic(node: Node, settings: CameraSettings) -> str:
    """Return the topic of the camera's model: beside the images, if not set."""
    if settings.info_topic:
        return settings.info_topic
    given = info_topic_of(settings.topic)
    # A remapping of the model's own topic wins over one of the images.
    is_remapped = node.resolve_topic_name(given) != node.resolve_topic_name(
        given, only_expand=True
    )
    return given if is_remapped else info_topic_of(node.resolve_topic_name(settings.topic))
