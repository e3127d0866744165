# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which ROS 2 is used: one that is installed and sourced, or wheels in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import subprocess
import sys

from scripts.setup_env.commands import SetupError

_TOO_OLD = ('dashing', 'eloquent', 'foxy', 'galactic')


@dataclass(frozen=True)
class Ros:
    """A sourced ROS 2: its name, and the prefixes of its packages, overlays first."""

    distro: str
    prefixes: tuple[Path, ...]

    def has_package(self, name: str) -> bool:
        """Tell whether a package is installed in one of the prefixes."""
        return any((prefix / 'share' / name / 'package.xml').is_file() for prefix in self.prefixes)


def sourced_ros(own: Path, environment: Mapping[str, str] = os.environ) -> Ros | None:
    """
    Find the ROS 2 whose setup file the caller has sourced.

    :param own: the environment that is being prepared; its own packages do not count.
    :returns: None when there is none.
    :raises SetupError: when it is too old.
    """
    listed = [Path(part) for part in environment.get('AMENT_PREFIX_PATH', '').split(':') if part]
    prefixes = tuple(path for path in listed if path != own and own not in path.parents)
    distro = environment.get('ROS_DISTRO', '')
    ros = Ros(distro, prefixes)
    if not distro or not ros.has_package('rclpy'):
        return None
    if distro in _TOO_OLD:
        raise SetupError(
            f'ROS 2 {distro} is sourced, Humble or newer is needed. Open a shell without it to '
            'use the wheels of ROS 2 Jazzy instead'
        )
    return ros


def check_python(ros: Ros) -> None:
    """
    Reject an interpreter that ROS was not built for.

    :raises SetupError: when rclpy cannot be imported.
    """
    tried = subprocess.run(
        [sys.executable, '-c', 'import rclpy'], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        last = (tried.stderr.strip().splitlines() or ['no message'])[-1]
        raise SetupError(
            f'ROS 2 {ros.distro} is sourced, but {sys.executable} cannot import rclpy ({last}). '
            'Use the Python that ROS was built for: make env PYTHON=/usr/bin/python3'
        )
