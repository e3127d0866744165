# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Hints why nothing comes on a topic, and what helps, from what is published instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rclpy.node import Node

RAW_TYPE = 'sensor_msgs/msg/Image'
COMPRESSED_TYPE = 'sensor_msgs/msg/CompressedImage'
_COMPRESSED = '/compressed'
_PACKET = 'Packet'
"""How the messages of other transports end, such as theora_image_transport/msg/Packet."""


class Published:
    """The topics published now."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def types(self, topic: str) -> Sequence[str]:
        """Return the types that a topic is published with, such as sensor_msgs/msg/Image."""
        publishers = self._node.get_publishers_info_by_topic(topic)
        return sorted({one.topic_type for one in publishers})

    def transports(self, topic: str) -> Sequence[str]:
        """Return the topics below that of raw images with the same images in other forms."""
        names = (name for name, _ in self._node.get_topic_names_and_types())
        return [name for name in names if self._is_transport(name, topic)]

    def _is_transport(self, name: str, topic: str) -> bool:
        return name.rpartition('/')[0] == topic and any(
            one == COMPRESSED_TYPE or one.endswith(_PACKET) for one in self.types(name)
        )


Advice = Callable[[Published], str]
"""Returns a hint for a topic without publishers of the right type, empty if there is none."""


def no_advice(published: Published) -> str:  # noqa: ARG001  of every advice
    """Return nothing."""
    return ''


def type_name(kind: type[Any]) -> str:
    """Return the name of a message's type, such as sensor_msgs/msg/Image."""
    package, kind_of_interface = kind.__module__.split('.')[:2]
    return f'{package}/{kind_of_interface}/{kind.__name__}'


def explain(published: Published, topic: str, wanted: str, advice: Advice) -> str:
    """
    Return why nothing comes, empty if the topic is published as it should be.

    :param wanted: type of the messages.
    """
    types = published.types(topic)
    if wanted in types:
        return ''
    told = f'published as {", ".join(types)}, not as {wanted}' if types else 'nobody publishes it'
    helps = advice(published)
    return f' ({told}; {helps})' if helps else f' ({told})'


def image_advice(camera: str, topic: str, transport: str) -> Advice:
    """
    Return the advice for a topic of colour images.

    :param camera: whose parameters to name.
    :param topic: of the raw images, resolved.
    :param transport: raw or compressed.
    """

    def advise(published: Published) -> str:
        if transport == 'raw':
            return _for_raw(camera, topic, published)
        return _for_compressed(camera, topic, published)

    return advise


def depth_advice(topic: str) -> Advice:
    """
    Return the advice for a topic of depth images.

    :param topic: resolved.
    """

    def advise(published: Published) -> str:
        others = published.transports(topic)
        if COMPRESSED_TYPE in published.types(topic):
            others = [topic]
        return f'depth has to be raw: {_republish(others[0])}' if others else ''

    return advise


def _for_raw(camera: str, topic: str, published: Published) -> str:
    if COMPRESSED_TYPE in published.types(topic):
        return f'use {_compressed(camera, topic)}'
    others = published.transports(topic)
    if f'{topic}{_COMPRESSED}' in others:
        return f'only {topic}{_COMPRESSED} is published: use {camera}.transport: compressed'
    return _republish(others[0]) if others else ''


def _for_compressed(camera: str, topic: str, published: Published) -> str:
    for one in (f'{topic}{_COMPRESSED}', topic):
        if RAW_TYPE in published.types(one):
            base = '' if one == topic else f' and {camera}.image_topic: {one}'
            return f'{one} has raw images: use {camera}.transport: raw{base}'
    if COMPRESSED_TYPE in published.types(topic):
        return f'{topic} has compressed ones: use {_compressed(camera, topic)}'
    others = published.transports(topic)
    return _republish(others[0]) if others else ''


def _compressed(camera: str, topic: str) -> str:
    """Return how to subscribe to compressed images of a topic, whatever its name."""
    if topic.endswith(_COMPRESSED):
        base = topic[: -len(_COMPRESSED)]
        return f'{camera}.transport: compressed and {camera}.image_topic: {base}'
    return f'{camera}.transport: compressed, and remap {topic}{_COMPRESSED} to {topic}'


def _republish(topic: str) -> str:
    return f"have raw images made of {topic} by image_transport's republish"
