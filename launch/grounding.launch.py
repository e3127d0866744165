# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Launch the grounding node, and if asked the simulated camera and RViz.

Precedence of values, from strongest to weakest: an argument given here, ``params_file``, the
parameters of a group around the inclusion of this file, ``config/grounding.yaml``, which holds
the defaults that the node declares. Arguments that are left empty override nothing.
"""

from __future__ import annotations

import os
from typing import Any

from ament_index_python.packages import PackageNotFoundError
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import SubstitutionFailure
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import ExecutableInPackage

from kosmos_ros.bringup import BringupOptions, NodeProcess, processes
from kosmos_ros.config_files import config_file, PACKAGE
from kosmos_ros.launch_arguments import ARGUMENTS, bringup_options, read_arguments
from kosmos_ros.rviz_topics import rviz_remappings

RESPAWN_SECONDS = 2.0


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the actions that they lead to."""
    arguments = [
        DeclareLaunchArgument(one.name, default_value=one.default, description=one.description)
        for one in ARGUMENTS
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    chosen = read_arguments(context.launch_configurations)
    # Set by push_ros_namespace for the nodes of its group.
    surroundings = context.launch_configurations.get('ros_namespace') or '/'
    options = bringup_options(chosen, surroundings)
    described = processes(options, os.environ)
    # Missing parts are reported before anything is started.
    for process in described:
        _require(context, PACKAGE, process.executable, 'colcon installs it; source its setup file')
    nodes = [_node(process, respawn=chosen['respawn']) for process in described]
    if chosen['rviz']:
        advice = 'rviz:=true needs sudo apt-get install ros-$ROS_DISTRO-rviz2'
        _require(context, 'rviz2', 'rviz2', advice)
        nodes.append(_rviz(options, chosen))
    return nodes


def _require(context: LaunchContext, package: str, executable: str, advice: str) -> None:
    try:
        ExecutableInPackage(package=package, executable=executable).perform(context)
    except (PackageNotFoundError, SubstitutionFailure) as error:
        raise RuntimeError(
            f'nothing was started, for {executable} of the package {package} is not installed '
            f'here: {advice}'
        ) from error


def _node(process: NodeProcess, *, respawn: bool) -> Node:
    # Without its type, YAML would convert a text such as 8bit.0 or true.
    given = {
        name: ParameterValue(value, value_type=type(value))
        for name, value in process.parameters.items()
    }
    defaults, file = process.defaults_file, process.params_file
    return Node(
        package=PACKAGE,
        executable=process.executable,
        name=process.name,
        namespace=process.namespace,
        remappings=list(process.remappings),
        # The last one wins. Those of a surrounding group come before all of these, and after the
        # arguments for ROS.
        parameters=[*([str(file)] if file else []), *([given] if given else [])],
        ros_arguments=[
            *(['--params-file', str(defaults)] if defaults else []),
            *process.ros_arguments,
        ],
        additional_env=dict(process.environment),
        respawn=respawn and process.executable == 'grounding_node',
        respawn_delay=RESPAWN_SECONDS,
        output='screen',
        emulate_tty=True,
    )


def _rviz(options: BringupOptions, chosen: dict[str, Any]) -> Node:
    clock = {'use_sim_time': chosen['use_sim_time']} if 'use_sim_time' in chosen else {}
    return Node(
        package='rviz2',
        executable='rviz2',
        name='rviz2',
        arguments=['-d', str(config_file('grounding.rviz')), '-f', chosen['fixed_frame']],
        parameters=[clock] if clock else [],
        remappings=rviz_remappings(options),
        output='screen',
    )
