# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Topics for RViz instead of those in ``config/grounding.rviz``."""

from __future__ import annotations

from kosmos_ros.bringup import (
    absolute_name,
    BringupOptions,
    camera_topics,
    DEFAULT_DEPTH_TOPIC,
    DEFAULT_IMAGE_TOPIC,
    DEFAULT_NAMESPACE,
)
from kosmos_ros.parameters.camera_settings import info_topic_of


def rviz_remappings(options: BringupOptions) -> list[tuple[str, str]]:
    """
    Return the topics of the configuration, each with its replacement.

    RViz looks for the camera's model beside the image topic of the configuration, even if that is
    remapped. Registered depth has the camera's model.
    """
    topics = camera_topics(options)
    node = f'{options.absolute(options.namespace)}/grounding'
    depth = topics.depth or options.absolute(DEFAULT_DEPTH_TOPIC)
    instead = {
        **{
            f'{DEFAULT_NAMESPACE}/grounding/{name}': f'{node}/{name}'
            for name in ('debug_image', 'markers')
        },
        DEFAULT_IMAGE_TOPIC: topics.image,
        info_topic_of(DEFAULT_IMAGE_TOPIC): topics.info,
        DEFAULT_DEPTH_TOPIC: depth,
        info_topic_of(DEFAULT_DEPTH_TOPIC): topics.info if topics.depth else info_topic_of(depth),
    }
    return [(absolute_name(name), topic) for name, topic in instead.items()]
