# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Without a ROS package the import says what to type.

Spans ``ros``.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORT_WITHOUT = """
import sys
sys.modules[{package!r}] = None
import kosmos_ros.nodes.grounding_node
"""


@pytest.mark.parametrize(
    ('package', 'remedy'),
    [
        ('kosmos_ros_msgs', 'colcon build --base-paths . kosmos_ros_msgs && . install/setup.bash'),
        ('vision_msgs', 'sudo apt install ros-$ROS_DISTRO-vision-msgs'),
        ('rclpy', 'source a ROS 2 installation'),
    ],
)
def test_a_missing_package_is_named_with_the_remedy(package: str, remedy: str) -> None:
    result = subprocess.run(
        [sys.executable, '-c', IMPORT_WITHOUT.format(package=package)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    last_line = result.stderr.strip().splitlines()[-1]
    assert f'needs the ROS 2 package {package}' in last_line
    assert remedy in last_line
