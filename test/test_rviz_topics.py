# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""RViz looks at what was chosen instead of what its configuration names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kosmos_ros.bringup import BringupOptions
from kosmos_ros.rviz_topics import rviz_remappings

CONFIG = Path(__file__).resolve().parents[1] / 'config' / 'grounding.rviz'


def topics_of(options: BringupOptions) -> dict[str, str]:
    return dict(rviz_remappings(options))


def named_in(part: object) -> set[str]:
    """Return all topics that a part of the configuration names."""
    if isinstance(part, dict):
        return set().union(*(named_in(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(named_in(value) for value in part))
    return (
        {part} if isinstance(part, str) and part.startswith('/') and part[1:2].islower() else set()
    )


@pytest.mark.parametrize('camera', ['none', 'sim'])
def test_as_it_comes_nothing_is_redirected(camera: str) -> None:
    topics = topics_of(BringupOptions(camera=camera))
    # The simulated camera says the same about colour and depth.
    model = '/camera/camera_info' if camera == 'sim' else '/camera/depth/camera_info'
    assert topics.pop('/camera/depth/camera_info') == model
    assert all(name == instead for name, instead in topics.items())


def test_every_topic_of_the_configuration_can_be_chosen() -> None:
    topics = topics_of(BringupOptions(surroundings='/robot'))
    # Besides those written there, RViz derives one: the model beside the image.
    assert set(topics) == named_in(yaml.safe_load(CONFIG.read_text())) | {'/camera/camera_info'}
    assert all(instead == f'/robot{name}' for name, instead in topics.items())


def test_the_camera_view_finds_the_model_of_the_chosen_image() -> None:
    topics = topics_of(BringupOptions(image_topic='/eye/image'))
    assert topics['/camera/image_raw'] == '/eye/image'
    assert topics['/camera/camera_info'] == '/eye/camera_info'
    topics = topics_of(BringupOptions(image_topic='/eye/image', info_topic='/calibration/eye'))
    assert topics['/camera/camera_info'] == '/calibration/eye'


def test_the_cloud_takes_the_chosen_depth_with_the_model_of_the_image() -> None:
    topics = topics_of(BringupOptions(image_topic='/eye/image', depth_topic='/eye/depth'))
    assert topics['/camera/depth/image_raw'] == '/eye/depth'
    assert topics['/camera/depth/camera_info'] == '/eye/camera_info'


@pytest.mark.parametrize('namespace', ['/arm', 'arm', 'arm/'])
def test_answers_are_those_of_the_chosen_namespace(namespace: str) -> None:
    topics = topics_of(BringupOptions(namespace=namespace))
    assert topics['/kosmos/grounding/markers'] == '/arm/grounding/markers'
