# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A sourced ROS is found, and told apart from what the environment brings itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.setup_env.commands import SetupError
from scripts.setup_env.ros import Ros, sourced_ros


def prefix_with(folder: Path, *packages: str) -> Path:
    """Make an installation prefix that has these packages."""
    for package in packages:
        share = folder / 'share' / package
        share.mkdir(parents=True)
        (share / 'package.xml').write_text('<package/>')
    return folder


def find(own: Path, distro: str, *prefixes: Path) -> Ros | None:
    """Look for ROS in an environment with these variables."""
    joined = ':'.join(str(prefix) for prefix in prefixes)
    return sourced_ros(own, {'ROS_DISTRO': distro, 'AMENT_PREFIX_PATH': joined})


def test_packages_of_all_prefixes_are_found(tmp_path: Path) -> None:
    base = prefix_with(tmp_path / 'jazzy', 'rclpy')
    overlay = prefix_with(tmp_path / 'overlay', 'vision_msgs')
    ros = find(tmp_path / '.venv', 'jazzy', overlay, base)
    assert ros == Ros('jazzy', (overlay, base))
    assert ros.has_package('vision_msgs')
    assert not ros.has_package('tf2_msgs')


def test_nothing_sourced(tmp_path: Path) -> None:
    assert sourced_ros(tmp_path, {}) is None
    assert sourced_ros(tmp_path, {'ROS_DISTRO': 'jazzy'}) is None
    assert find(tmp_path, 'jazzy', prefix_with(tmp_path / 'other', 'sensor_msgs')) is None
    assert find(tmp_path, '', prefix_with(tmp_path / 'base', 'rclpy')) is None


@pytest.mark.parametrize('inside', ['', 'ros'])
def test_what_the_environment_brings_itself_is_no_installed_ros(
    tmp_path: Path, inside: str
) -> None:
    own = tmp_path / '.venv'
    prefix = prefix_with(own / inside, 'rclpy')
    assert find(own, 'jazzy', prefix) is None


def test_a_ros_that_is_too_old(tmp_path: Path) -> None:
    base = prefix_with(tmp_path / 'foxy', 'rclpy')
    with pytest.raises(SetupError, match='foxy is sourced, Humble or newer is needed'):
        find(tmp_path / '.venv', 'foxy', base)
