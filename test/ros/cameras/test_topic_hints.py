# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is said, and advised, of a topic on which nothing can come."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import String

from kosmos_ros.parameters.camera_settings import CameraSettings
from kosmos_ros.ros.cameras.camera import Camera
from kosmos_ros.ros.cameras.depth_source import DepthSource
from kosmos_ros.ros.cameras.topic_hints import explain, no_advice, Published, type_name
from kosmos_ros.ros.executor.failures import Failures

RAW, COMPRESSED = '/eye/image', '/eye/image/compressed'


def publish(driver: Node, kinds: Mapping[str, type]) -> None:
    for topic, kind in kinds.items():
        driver.create_publisher(kind, topic, 1)


@pytest.mark.parametrize(
    ('transport', 'published', 'hint'),
    [
        ('raw', {}, ' (nobody publishes it)'),
        ('raw', {RAW: Image}, ''),
        ('raw', {RAW: Image, COMPRESSED: CompressedImage}, ''),
        (
            'raw',
            {COMPRESSED: CompressedImage},
            ' (nobody publishes it; only /eye/image/compressed is published: use '
            'front.transport: compressed)',
        ),
        (
            'raw',
            {f'{RAW}/zstd': CompressedImage},
            ' (nobody publishes it; have raw images made of /eye/image/zstd by '
            "image_transport's republish)",
        ),
        ('raw', {f'{RAW}/news': String, '/eye/other/compressed': CompressedImage}, '(nobody'),
        (
            'raw',
            {RAW: CompressedImage},
            ' (published as sensor_msgs/msg/CompressedImage, not as sensor_msgs/msg/Image; use '
            'front.transport: compressed, and remap /eye/image/compressed to /eye/image)',
        ),
        ('raw', {RAW: CameraInfo}, ' (published as sensor_msgs/msg/CameraInfo, not as '),
        ('compressed', {COMPRESSED: CompressedImage}, ''),
        (
            'compressed',
            {RAW: Image},
            ' (nobody publishes it; /eye/image has raw images: use front.transport: raw)',
        ),
        (
            'compressed',
            {COMPRESSED: Image},
            '/eye/image/compressed has raw images: use front.transport: raw and '
            'front.image_topic: /eye/image/compressed',
        ),
        (
            'compressed',
            {RAW: CompressedImage},
            ' (nobody publishes it; /eye/image has compressed ones: use front.transport: '
            'compressed, and remap /eye/image/compressed to /eye/image)',
        ),
    ],
)
def test_images(
    rig, driver: Node, transport: str, published: Mapping[str, type], hint: str
) -> None:
    node = rig.node('grounding')
    settings = CameraSettings('front', '/eye/image', transport)
    camera = Camera(node, settings, lambda *_: None, Failures(node.get_logger()))
    # Its own subscription is not to pass for somebody who publishes.
    camera.start()
    publish(driver, published)
    rig.spin_until(lambda: all(Published(node).types(topic) for topic in published))
    assert hint in camera.hint()
    assert bool(hint) == bool(camera.hint())
    if 'not as' in hint or 'nobody' in hint:
        assert camera.publishers() == 0


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_compressed_images_named_as_the_topic_of_raw_ones(
    rig, driver: Node, transport: str
) -> None:
    node = rig.node('grounding')
    settings = CameraSettings('front', COMPRESSED, transport)
    camera = Camera(node, settings, lambda *_: None, Failures(node.get_logger()))
    publish(driver, {COMPRESSED: CompressedImage})
    rig.spin_until(lambda: Published(node).types(COMPRESSED))
    advice = 'use front.transport: compressed and front.image_topic: /eye/image)'
    assert camera.hint().endswith(advice)


@pytest.mark.parametrize(
    ('published', 'problem'),
    [
        (
            {'depth/compressedDepth': CompressedImage, 'info': CameraInfo},
            'no depth image has come on /depth (nobody publishes it; depth has to be raw: have '
            "raw images made of /depth/compressedDepth by image_transport's republish); "
            'no CameraInfo has come on /info',
        ),
        (
            {'depth': CompressedImage, 'info': Image},
            'no depth image has come on /depth (published as sensor_msgs/msg/CompressedImage, not '
            'as sensor_msgs/msg/Image; depth has to be raw: have raw images made of /depth by '
            "image_transport's republish); no CameraInfo has come on /info (published as "
            'sensor_msgs/msg/Image, not as sensor_msgs/msg/CameraInfo)',
        ),
    ],
)
def test_depth_and_the_model(
    rig, driver: Node, published: Mapping[str, type], problem: str
) -> None:
    node = rig.node('grounding')
    source = DepthSource(node, 'depth', 'info', lambda: 0.05, Failures(node.get_logger()))
    source.start()
    publish(driver, published)
    rig.spin_until(lambda: all(Published(node).types(f'/{topic}') for topic in published))
    assert source.near(0).problem == source.problem() == problem


def test_several_types_are_all_named(rig, driver: Node) -> None:
    node = rig.node('grounding')
    node.create_publisher(Image, '/news', 1)
    publish(driver, {'/news': String})
    rig.spin_until(lambda: len(Published(node).types('/news')) == 2)
    told = explain(Published(node), '/news', type_name(CameraInfo), no_advice)
    assert told == (
        ' (published as sensor_msgs/msg/Image, std_msgs/msg/String, not as '
        'sensor_msgs/msg/CameraInfo)'
    )
    assert explain(Published(node), '/news', type_name(String), no_advice) == ''
