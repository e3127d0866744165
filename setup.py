# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Build the ROS 2 package kosmos_ros (colcon), or install its Python part (pip)."""

from pathlib import Path
import sys

from setuptools import find_packages, setup

NAME = 'kosmos_ros'
SHARE = f'share/{NAME}'


def data_files() -> list[tuple[str, list[str]]]:
    """
    List the files of the package's share folder.

    :returns: pairs of a folder below the installation prefix and the files to put there.
    """
    found = [
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (SHARE, ['package.xml']),
    ]
    for folder in ('launch', 'config'):
        files = sorted(str(path) for path in Path(folder).glob('*') if path.is_file())
        found.append((f'{SHARE}/{folder}', files))
    return found


def script_options() -> dict[str, dict[str, str]]:
    """
    Choose the interpreter that the installed executables start.

    Built by a virtual environment's own colcon they start that environment, activated or not, as
    setuptools does by default. The colcon of a system-wide ROS runs on the system's Python, which
    ignores an activated environment: there the choice is left to run time.

    :returns: options of setuptools' commands.
    """
    if sys.prefix != sys.base_prefix:
        return {}
    return {'build_scripts': {'executable': '/usr/bin/env python3'}}


setup(
    name=NAME,
    version='0.1.0',
    description='Ask a robot camera in words: KOSMOS-2 grounding as a ROS 2 node',
    author='The kosmos_ros developers',
    author_email='kosmos_ros@users.noreply.github.com',
    maintainer='The kosmos_ros developers',
    maintainer_email='kosmos_ros@users.noreply.github.com',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={
        NAME: [
            *('py.typed', 'models/*/*', 'watch/page/*', 'results/page.css', 'core/*/words/*.ini'),
            'verification/published.json',
        ]
    },
    data_files=data_files(),
    install_requires=['setuptools'],
    extras_require={'heic': ['pillow-heif'], 'openvino': ['nncf', 'openvino']},
    zip_safe=False,
    options=script_options(),
    entry_points={
        'console_scripts': [
            'kosmos-ros = kosmos_ros.__main__:main',
            'grounding_node = kosmos_ros.__main__:grounding_node',
            'tabletop_camera_node = kosmos_ros.__main__:tabletop_camera_node',
        ],
    },
)
