# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Launch the grounding node, and if asked the simulated camera and RViz.

What a value counts for, from strongest to weakest: an argument given here, ``params_file``, the
defaults that the node declares. Arguments that are left empty override nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from kosmos_ros.bringup import (
    absolute_namespace,
    BringupOptions,
    CAMERAS,
    DEFAULT_IMAGE_TOPIC,
    DEFAULT_NAMESPACE,
    LOG_LEVELS,
    MOTIONS,
    NodeProcess,
    processes,
)
from kosmos_ros.config_files import config_file, PACKAGE

PARAMETER_ARGUMENTS = {
    'model': "'tabletop' (comes with the package), a folder, or a hub id downloaded before",
    'device': 'auto, cpu, cuda or cuda:N',
    'dtype': 'auto, float32, bfloat16 or float16',
    'quantization': 'none, int8, 8bit or 4bit',
    'threads': 'how many compute on a CPU, 0: PyTorch chooses',
    'image_transport': 'raw or compressed',
    'depth_topic': "depth images registered to image_topic; the simulated camera's by itself",
    'info_topic': 'CameraInfo of the camera; camera_info beside image_topic by itself',
    'target_frame': "frame of 3D positions, by tf2; the camera's by itself",
    'autostart': 'false leaves configuring and activating to a life-cycle manager',
    'use_sim_time': 'true to follow /clock instead of the system clock',
}
"""Launch arguments that are parameters of the grounding node, and the values they take."""

OF_THE_CAMERA = {'depth_topic': 'camera.depth_topic', 'info_topic': 'camera.info_topic'}
"""Parameters of the camera behind image_topic have its name in front."""


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and what they lead to."""
    return LaunchDescription(
        [*_arguments(), OpaqueFunction(function=_start_nodes), _rviz()],
    )


def _arguments() -> list[DeclareLaunchArgument]:
    parameters = [
        DeclareLaunchArgument(
            name, default_value='', description=f'{values}. Empty: as in params_file'
        )
        for name, values in PARAMETER_ARGUMENTS.items()
    ]
    return [
        *parameters,
        DeclareLaunchArgument(
            'params_file',
            default_value=str(config_file('grounding.yaml')),
            description='Parameters of the grounding node; the other arguments win over it',
        ),
        DeclareLaunchArgument(
            'image_topic',
            default_value=DEFAULT_IMAGE_TOPIC,
            description='Images to look at; with image_transport:=compressed its base name',
        ),
        DeclareLaunchArgument(
            'camera',
            default_value='none',
            choices=CAMERAS,
            description='sim: start the simulated tabletop camera, which publishes below /camera',
        ),
        DeclareLaunchArgument(
            'seed',
            default_value='0',
            description='Which scene the simulated camera shows',
        ),
        DeclareLaunchArgument(
            'motion',
            default_value='none',
            choices=MOTIONS,
            description='How the simulated camera moves',
        ),
        DeclareLaunchArgument(
            'namespace',
            default_value=DEFAULT_NAMESPACE,
            description="Namespace of the grounding node, whose name is 'grounding'",
        ),
        DeclareLaunchArgument(
            'log_level',
            default_value='info',
            choices=LOG_LEVELS,
            description='Log level of the nodes started here',
        ),
        DeclareLaunchArgument(
            'rviz',
            default_value='false',
            choices=['true', 'false'],
            description='Start RViz with the annotated image, the camera image, markers and TF',
        ),
        DeclareLaunchArgument(
            'fixed_frame',
            default_value='world',
            description="RViz's fixed frame; without the simulated camera, a frame of your own",
        ),
    ]


def _start_nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    chosen = context.launch_configurations
    options = BringupOptions(
        camera=chosen['camera'],
        namespace=chosen['namespace'],
        image_topic=chosen['image_topic'],
        params_file=Path(chosen['params_file']),
        log_level=chosen['log_level'],
        parameters=_given_parameters(chosen),
        camera_parameters={'seed': int(chosen['seed']), 'motion': chosen['motion']},
    )
    return [_node(process) for process in processes(options, os.environ)]


def _given_parameters(chosen: dict[str, str]) -> dict[str, str | int]:
    given: dict[str, str | int] = {
        OF_THE_CAMERA.get(name, name): chosen[name] for name in PARAMETER_ARGUMENTS if chosen[name]
    }
    for name in ('autostart', 'use_sim_time'):
        if name in given:
            given[name] = given[name] == 'true'
    if 'threads' in given:
        given['threads'] = int(given['threads'])
    return given


def _node(process: NodeProcess) -> Node:
    files = [str(process.params_file)] if process.params_file else []
    # Without its type a text such as 8bit.0 or true would arrive as whatever YAML makes of it.
    given = {
        name: ParameterValue(value, value_type=type(value))
        for name, value in process.parameters.items()
    }
    return Node(
        package=PACKAGE,
        executable=process.executable,
        name=process.name,
        namespace=process.namespace,
        remappings=list(process.remappings),
        # The last one wins.
        parameters=[*files, given] if given else files,
        ros_arguments=list(process.log_arguments),
        additional_env=dict(process.environment),
        output='screen',
        emulate_tty=True,
    )


def _rviz() -> OpaqueFunction:
    def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
        chosen = context.launch_configurations
        name = absolute_namespace(chosen['namespace']) + '/grounding'
        topics = ('debug_image', 'markers')
        return [
            Node(
                package='rviz2',
                executable='rviz2',
                name='rviz2',
                arguments=[
                    '-d',
                    str(config_file('grounding.rviz')),
                    '-f',
                    chosen['fixed_frame'],
                ],
                remappings=[
                    *(
                        (f'{DEFAULT_NAMESPACE}/grounding/{topic}', f'{name}/{topic}')
                        for topic in topics
                    ),
                    (DEFAULT_IMAGE_TOPIC, chosen['image_topic']),
                    *_cloud_topics(chosen),
                ],
                output='screen',
            )
        ]

    return OpaqueFunction(function=start, condition=IfCondition(LaunchConfiguration('rviz')))


def _cloud_topics(chosen: dict[str, str]) -> list[tuple[str, str]]:
    """Redirect the cloud of points; registered depth has the camera model of the image."""
    if not chosen['depth_topic']:
        return []
    beside_image = f'{chosen["image_topic"].rpartition("/")[0]}/camera_info'
    return [
        ('/camera/depth/image_raw', chosen['depth_topic']),
        ('/camera/depth/camera_info', chosen['info_topic'] or beside_image),
    ]
