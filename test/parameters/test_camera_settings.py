# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The parameters of one camera, and what empty ones mean."""

from __future__ import annotations

from dataclasses import fields

import pytest

from kosmos_ros.parameters.camera_settings import (
    camera_settings,
    CameraParameters,
    CameraSettings,
    check_camera_names,
    info_topic_of,
)


def test_the_one_camera_without_parameters_is_behind_the_topic_image() -> None:
    assert camera_settings('camera', CameraParameters(), 'raw', 'auto') == CameraSettings(
        'camera', 'image', 'raw', 'auto', '', ''
    )


def test_others_have_topics_of_their_own_names() -> None:
    settings = camera_settings('wrist', CameraParameters(), 'compressed', 'reliable')
    assert settings == CameraSettings('wrist', 'wrist/image_raw', 'compressed', 'reliable', '', '')


def test_what_is_set_counts() -> None:
    values = ('/a/rgb', 'compressed', 'best_effort', '/a/depth', '/a/info', 'true', 90)
    parameters = CameraParameters(*values, depth_scale=0.001, bits=12)
    assert camera_settings('front', parameters, 'raw', 'auto') == CameraSettings(
        'front', *values, depth_scale=0.001, bits=12
    )


@pytest.mark.parametrize(
    ('image_topic', 'info_topic'),
    [
        ('image', 'camera_info'),
        ('/image', '/camera_info'),
        ('front/image_raw', 'front/camera_info'),
        ('/robot/front/image_rect', '/robot/front/camera_info'),
    ],
)
def test_the_camera_model_is_beside_the_images(image_topic: str, info_topic: str) -> None:
    assert info_topic_of(image_topic) == info_topic


@pytest.mark.parametrize(
    ('names', 'problem'),
    [
        ((), 'at least one'),
        (('front', ''), "got ''"),
        (('*',), r"got '\*'"),
        (('front/left',), 'letters, digits'),
        (('1st',), 'a letter first'),
        (('front', 'wrist', 'front'), 'different names'),
    ],
)
def test_names_that_cannot_be_are_refused(names: tuple[str, ...], problem: str) -> None:
    check_camera_names(('camera', 'front_2'))
    with pytest.raises(ValueError, match=problem):
        check_camera_names(names)


def test_each_parameter_is_described() -> None:
    assert all(spec.metadata['description'] for spec in fields(CameraParameters))
