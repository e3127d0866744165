# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The bridge between the core and ROS 2: conversions, parameters, buffers, adapters.

Importing it fails with the command to type when ROS or one of its packages is missing.
"""

from __future__ import annotations

from importlib import import_module

from kosmos_ros.core.errors import MissingDependencyError

_REMEDIES = {
    'rclpy': (
        'source a ROS 2 installation (. /opt/ros/jazzy/setup.bash), or type `make env` in the '
        'clone of kosmos_ros and use .venv/bin/python'
    ),
    'vision_msgs': (
        'install it (sudo apt install ros-$ROS_DISTRO-vision-msgs), or type `make env` in the '
        'clone of kosmos_ros'
    ),
    'kosmos_ros_msgs': (
        'build it and source the result: `colcon build --base-paths . kosmos_ros_msgs && '
        '. install/setup.bash` in the clone of kosmos_ros, `colcon build --base-paths src '
        "'src/*/kosmos_ros_msgs' && . install/setup.bash` in a workspace, or `make env` for the "
        'virtual environment'
    ),
}


def _require_packages() -> None:
    for package, remedy in _REMEDIES.items():
        try:
            import_module(package)
        except ImportError as error:  # noqa: PERF203
            raise MissingDependencyError(
                f'kosmos_ros needs the ROS 2 package {package}: {remedy} ({error})'
            ) from error


_require_packages()
