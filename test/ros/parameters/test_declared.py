# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The node's parameters: declared, described, checked, changed."""

from __future__ import annotations

from dataclasses import fields, replace
import math

import pytest
from rclpy.exceptions import ParameterException
from rclpy.parameter import Parameter

from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.parameters.declared import NodeParameters

UNCONFIGURED_ONLY = {
    'bond',
    'model',
    'device',
    'dtype',
    'quantization',
    'threads',
    'existence_signals',
    'max_cached_frames',
    'max_cached_looks',
    'cameras',
    'image_transport',
    'image_reliability',
    'image_conversion',
    'subscription',
    'frame_history',
}


class Changes(list):
    """Collects what a running node is told."""

    def __call__(self, before: NodeSettings, now: NodeSettings) -> None:
        self.append((before, now))


def test_every_parameter_is_declared_with_its_default_and_a_description(rig) -> None:
    node = rig.node('grounding')
    parameters = NodeParameters(node, Changes())
    assert parameters.settings == NodeSettings()
    for spec in fields(NodeSettings):
        descriptor = node.describe_parameter(spec.name)
        assert descriptor.description.endswith('.')
        assert descriptor.read_only == (spec.name in ('autostart', 'memory_limit'))
        told = 'Can be set while the node is unconfigured.' in descriptor.description
        assert told == (spec.name in UNCONFIGURED_ONLY)
    assert node.describe_parameter('min_score').floating_point_range[0].to_value == 1.0
    assert node.describe_parameter('queue_size').integer_range[0].from_value == 1
    assert 'best_effort' in node.describe_parameter('image_reliability').additional_constraints


@pytest.mark.parametrize(
    ('name', 'value', 'complaint'),
    [
        ('min_score', 1.5, 'min_score.*Max: 1.0'),
        ('min_score', math.nan, 'min_score'),
        ('queue_size', 0, 'queue_size.*Min: 1'),
        ('threads', -1, 'threads.*Min: 0'),
        ('max_cached_frames', 65, 'max_cached_frames.*Max: 64'),
        ('image_transport', 'theora', "must be one of raw, compressed, got 'theora'"),
        ('device', 'gpu', 'auto, cpu, cuda or cuda:N'),
        ('model', '', 'got an empty string'),
        ('model', 'x' * 100_000, 'model must have at most 2000 characters, got 100000'),
        ('standing_region', [1] * 10_000, 'standing_region must have at most 2000 characters'),
        ('standing_region', [1, 2, 3], 'takes x, y, width and height'),
        ('standing_region', [1, 2, 0, 4], 'width > 0'),
        ('cameras', ['front', 'front'], 'different names'),
        ('standing_camera', 'rear', r"empty, \* or one of camera, got 'rear'"),
        ('busy_policy', 'panic', "one of reject, replace_oldest, got 'panic'"),
        ('min_score', 'high', "type 'STRING', expecting type 'DOUBLE'"),
    ],
)
def test_bad_values_at_start_are_refused(rig, name: str, value: object, complaint: str) -> None:
    node = rig.node('grounding', parameter_overrides=[Parameter(name, value=value)])
    with pytest.raises((ValueError, ParameterException), match=complaint):
        NodeParameters(node, Changes())


def test_good_values_at_start_are_taken(rig) -> None:
    overrides = {'model': '/models/mine', 'min_score': 0.25, 'standing_region': [1, 2, 3, 4]}
    node = rig.node(
        'grounding',
        parameter_overrides=[Parameter(name, value=value) for name, value in overrides.items()],
    )
    settings = NodeParameters(node, Changes()).settings
    assert settings == NodeSettings(
        model='/models/mine', min_score=0.25, standing_region=(1, 2, 3, 4)
    )


def test_an_integer_will_do_for_every_double(rig) -> None:
    doubles = [spec for spec in fields(NodeSettings) if isinstance(spec.default, float)]
    given = [Parameter(spec.name, value=1) for spec in doubles]
    ones = replace(NodeSettings(), **{spec.name: 1.0 for spec in doubles})
    assert NodeParameters(rig.node('one', parameter_overrides=given), Changes()).settings == ones
    node = rig.node('two')
    parameters = NodeParameters(node, Changes())
    assert all(result.successful for result in node.set_parameters(given))
    assert parameters.settings == ones
    for spec in doubles:
        assert node.get_parameter(spec.name).type_ == Parameter.Type.DOUBLE
    assert node.describe_parameter('max_image_age').floating_point_range[0].to_value == 3600.0


def test_an_integer_out_of_range_is_refused_as_a_double_is(rig) -> None:
    node = rig.node('one', parameter_overrides=[Parameter('min_score', value=2)])
    with pytest.raises(ParameterException, match=r'min_score.*Max: 1\.0'):
        NodeParameters(node, Changes())
    node = rig.node('two')
    NodeParameters(node, Changes())
    refused = node.set_parameters([Parameter('min_score', value=2)])[0]
    assert not refused.successful
    assert 'out of range' in refused.reason
    assert not node.set_parameters([Parameter('min_score', value=True)])[0].successful


def test_thresholds_change_at_run_time(rig) -> None:
    node, changes = rig.node('grounding'), Changes()
    parameters = NodeParameters(node, changes)
    result = node.set_parameters([Parameter('existence_threshold', value=0.7)])[0]
    assert result.successful
    assert parameters.settings == replace(NodeSettings(), existence_threshold=0.7)
    assert parameters.settings.grounder_settings().existence_threshold == 0.7
    assert changes == [(NodeSettings(), parameters.settings)]


@pytest.mark.parametrize(
    ('name', 'value', 'reason'),
    [
        ('autostart', False, 'read-only'),
        ('existence_threshold', -0.1, 'out of range'),
        ('standing_task', 'sing', 'standing_task must be one of auto, locate'),
        ('max_detections', 2.5, 'Wrong parameter type'),
    ],
)
def test_a_refused_change_changes_nothing(rig, name: str, value: object, reason: str) -> None:
    node, changes = rig.node('grounding'), Changes()
    parameters = NodeParameters(node, changes)
    result = node.set_parameters([Parameter(name, value=value)])[0]
    assert not result.successful
    assert reason in result.reason
    assert parameters.settings == NodeSettings()
    assert not changes


def test_what_needs_a_new_model_is_set_while_unconfigured_only(rig) -> None:
    node = rig.node('grounding')
    parameters = NodeParameters(node, Changes())
    assert node.set_parameters([Parameter('model', value='first')])[0].successful
    assert parameters.freeze().model == 'first'
    for name, value in (('model', 'other'), ('camera.image_topic', 'view')):
        refused = node.set_parameters([Parameter(name, value=value)])[0]
        assert not refused.successful
        assert 'only while the node is unconfigured: ros2 lifecycle set /grounding' in (
            refused.reason
        )
    assert node.set_parameters([Parameter('model', value='first')])[0].successful
    assert parameters.settings.model == 'first'
    parameters.thaw()
    assert node.set_parameters([Parameter('model', value='other')])[0].successful


def test_each_camera_has_parameters_that_come_and_go_with_its_name(rig) -> None:
    overrides = {'front.image_topic': '/front/rgb', 'wrist.transport': 'compressed'}
    node = rig.node(
        'grounding',
        parameter_overrides=[Parameter(name, value=value) for name, value in overrides.items()],
    )
    parameters = NodeParameters(node, Changes())
    assert [one.topic for one in parameters.cameras()] == ['image']
    assert not node.has_parameter('front.image_topic')
    assert node.set_parameters([Parameter('cameras', value=['front', 'wrist'])])[0].successful
    assert [(one.name, one.topic, one.transport) for one in parameters.cameras()] == [
        ('front', '/front/rgb', 'raw'),
        ('wrist', 'wrist/image_raw', 'compressed'),
    ]
    assert not node.has_parameter('camera.image_topic')
    refused = node.set_parameters([Parameter('wrist.transport', value='theora')])[0]
    assert 'wrist.transport must be one of (empty), raw, compressed' in refused.reason
    assert node.set_parameters([Parameter('wrist.depth_topic', value='depth')])[0].successful
    assert parameters.cameras()[1].depth_topic == 'depth'


def test_words_that_yaml_takes_for_booleans_are_taken_as_words(rig) -> None:
    node = rig.node('grounding', parameter_overrides=[Parameter('camera.rectified', value=True)])
    parameters = NodeParameters(node, Changes())
    assert parameters.cameras()[0].rectified == 'true'
    for value, taken in ((False, 'false'), ('true', 'true'), ('auto', 'auto')):
        assert node.set_parameters([Parameter('camera.rectified', value=value)])[0].successful
        assert parameters.cameras()[0].rectified == taken
    for value in ('perhaps', 1):
        refused = node.set_parameters([Parameter('camera.rectified', value=value)])[0]
        assert f'camera.rectified must be one of auto, true, false, got {value!r}' in (
            refused.reason
        )
    assert parameters.cameras()[0].rectified == 'auto'


def test_a_rotation_is_one_of_four(rig) -> None:
    node = rig.node('grounding', parameter_overrides=[Parameter('camera.rotation', value=270)])
    parameters = NodeParameters(node, Changes())
    assert parameters.cameras()[0].rotation == 270
    refused = node.set_parameters([Parameter('camera.rotation', value=45)])[0]
    assert 'camera.rotation must be one of 0, 90, 180, 270, got 45' in refused.reason
    assert not node.set_parameters([Parameter('camera.rotation', value='90')])[0].successful
    assert parameters.cameras()[0].rotation == 270


def test_a_camera_that_cannot_be_is_refused_with_its_parameter(rig) -> None:
    override = Parameter('front.transport', value='theora')
    node = rig.node('grounding', parameter_overrides=[override])
    parameters = NodeParameters(node, Changes())
    refused = node.set_parameters([Parameter('cameras', value=['camera', 'front'])])[0]
    assert (refused.successful, 'front.transport' in refused.reason) == (False, True)
    assert parameters.settings.cameras == ('camera',)
    assert not node.has_parameter('front.image_topic')


@pytest.mark.parametrize(
    ('name', 'value', 'reason'),
    [
        ('bits', 7, 'camera.bits must be one of 0, 8, 9, 10, 11, 12, 13, 14, 15, 16, got 7'),
        ('bits', 17, 'got 17'),
        ('depth_scale', -0.001, 'camera.depth_scale'),
    ],
)
def test_numbers_of_a_camera_have_their_range(rig, name: str, value: float, reason: str) -> None:
    node = rig.node('grounding')
    parameters = NodeParameters(node, Changes())
    refused = node.set_parameters([Parameter(f'camera.{name}', value=value)])[0]
    assert (refused.successful, reason in refused.reason) == (False, True)
    assert (parameters.cameras()[0].bits, parameters.cameras()[0].depth_scale) == (0, 0.0)
    good = [Parameter('camera.bits', value=12), Parameter('camera.depth_scale', value=0.001)]
    assert all(one.successful for one in node.set_parameters(good))
    assert (parameters.cameras()[0].bits, parameters.cameras()[0].depth_scale) == (12, 0.001)


def test_a_listener_can_refuse(rig) -> None:
    def refuse(before: NodeSettings, now: NodeSettings) -> None:
        raise ValueError('not now')

    node = rig.node('grounding')
    parameters = NodeParameters(node, refuse)
    result = node.set_parameters([Parameter('min_score', value=0.5)])[0]
    assert (result.successful, result.reason) == (False, 'not now')
    assert parameters.settings.min_score == 0.0
