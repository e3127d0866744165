# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Topics of a camera's images and its model, remappings applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.parameters.camera_settings import CameraSettings, info_topic_of
from kosmos_ros.ros.cameras.topic_hints import image_advice
from kosmos_ros.ros.cameras.topic_subscription import TopicSubscription
from kosmos_ros.ros.conversions.images import ImageMessage


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
        raw_topic if is_raw else f'{raw_topic}/compressed',
        on_message,
        settings.reliability,
        advice=image_advice(settings.name, raw_topic, settings.transport),
    )


def with_info_topic(node: Node, settings: CameraSettings) -> CameraSettings:
    """Return the settings with the topic of the camera's model: beside the images, if not set."""
    if settings.info_topic:
        return settings
    given = info_topic_of(settings.topic)
    # A remapping of the model's own topic wins over one of the images.
    is_remapped = node.resolve_topic_name(given) != node.resolve_topic_name(
        given, only_expand=True
    )
    beside = info_topic_of(node.resolve_topic_name(settings.topic))
    return replace(settings, info_topic=given if is_remapped else beside)
