# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where the files of ``config/`` are, in a checkout and in an installation."""

from __future__ import annotations

from pathlib import Path

PACKAGE = 'kosmos_ros'


def config_file(name: str) -> Path:
    """
    Return the path of a file of ``config/``: a checkout's own, else the installed one.

    :raises FileNotFoundError: if the package was installed without its ROS files.
    """
    checkout = Path(__file__).resolve().parents[1] / 'config' / name
    if checkout.is_file():
        return checkout
    # Only a ROS installation has an index, and only an installed package needs it.
    from ament_index_python.packages import (  # noqa: PLC0415
        get_package_share_directory,
        PackageNotFoundError,
    )

    try:
        path = Path(get_package_share_directory(PACKAGE)) / 'config' / name
    except PackageNotFoundError as error:
        raise FileNotFoundError(
            f'{name} is neither in a checkout nor in an installed {PACKAGE}: build it with '
            'colcon and source install/setup.bash'
        ) from error
    if not path.is_file():
        raise FileNotFoundError(f'{PACKAGE} is installed without {path}')
    return path
