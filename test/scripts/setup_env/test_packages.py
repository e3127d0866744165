# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The checkout is found in the environment as an installed ROS package is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.setup_env.__main__ import wheel_steps
from scripts.setup_env.packages import link_ros_package, shared_files

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with what is linked of one, and more."""
    root = tmp_path / 'checkout'
    for name in (
        'package.xml',
        'launch/one.launch.py',
        'launch/__pycache__/one.pyc',
        'config/a.yaml',
        'resource/kosmos_ros',
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def files_below(folder: Path) -> set[str]:
    """List files as ``ros2 launch`` finds them, which looks into no linked folder."""
    return {
        str(Path(place, name).relative_to(folder))
        for place, _, names in os.walk(folder)
        for name in names
    }


def test_launch_and_config_files_are_found_without_following_folders(
    checkout: Path, tmp_path: Path
) -> None:
    prefix = tmp_path / 'prefix'
    link_ros_package(checkout, tmp_path / 'venv', prefix)
    share = prefix / 'share' / 'kosmos_ros'
    assert files_below(share) == {'package.xml', 'launch/one.launch.py', 'config/a.yaml'}
    assert (share / 'launch' / 'one.launch.py').resolve() == checkout / 'launch' / 'one.launch.py'
    assert (prefix / 'share/ament_index/resource_index/packages/kosmos_ros').read_text()
    node = prefix / 'lib' / 'kosmos_ros' / 'grounding_node'
    assert node.readlink() == tmp_path / 'venv' / 'bin' / 'grounding_node'


def test_links_of_before_are_replaced_and_nothing_behind_them_is_touched(
    checkout: Path, tmp_path: Path
) -> None:
    prefix = tmp_path / 'prefix'
    share = prefix / 'share' / 'kosmos_ros'
    share.mkdir(parents=True)
    for name in ('package.xml', 'launch', 'config'):
        (share / name).symlink_to(checkout / name)
    before = files_below(checkout)
    link_ros_package(checkout, tmp_path / 'venv', prefix)
    assert not (share / 'launch').is_symlink()
    (checkout / 'config' / 'a.yaml').rename(checkout / 'config' / 'b.yaml')
    link_ros_package(checkout, tmp_path / 'venv', prefix)
    assert files_below(share) == {'package.xml', 'launch/one.launch.py', 'config/b.yaml'}
    assert files_below(checkout) == before - {'config/a.yaml'} | {'config/b.yaml'}
    assert (checkout / 'launch' / 'one.launch.py').read_text() == 'launch/one.launch.py'


def test_another_file_of_the_checkout_redoes_the_step() -> None:
    (step,) = (step for step in wheel_steps() if step.name == 'checkout')
    assert {'launch/grounding.launch.py', 'config/grounding.yaml'} <= set(step.inputs)
    assert set(shared_files(ROOT)) <= set(step.inputs)
