# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros enclaves``: keys and permissions of SROS2 for the processes that run here."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
import shutil
import subprocess
from tempfile import TemporaryDirectory
from typing import Any

from kosmos_ros.bringup import ENCLAVES
from kosmos_ros.core.errors import InvalidRequestError, MissingDependencyError
from kosmos_ros.core.files import write_text
from kosmos_ros.launch_arguments import (
    ArgumentKind,
    ARGUMENTS,
    bringup_options,
    LaunchArgument,
    read_arguments,
    TOPIC,
)
from kosmos_ros.security.policy import policy

_NODE = LaunchArgument(
    '--caller', ArgumentKind('the name of a node such as /arm/pick', TOPIC.value_of), ''
)

_NEXT = """\
In each terminal that is to take part:
  export ROS_SECURITY_KEYSTORE={keystore}
  export ROS_SECURITY_ENABLE=true
  export ROS_SECURITY_STRATEGY=Enforce
The launch file then finds the enclaves of what it starts. Others name their own, such as
  ros2 run PACKAGE PROGRAM --ros-args -r __node:=caller --enclave {enclaves}/caller"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'enclaves',
        help='let only those use the node who are meant to (needs ROS with SROS2)',
        description='Make an enclave of SROS2 for each process that the launch file starts with '
        'these arguments, and for those who use the node: caller, operator, rviz2 and '
        'kosmos_watch, which are also the names of their nodes. Each may do what it needs and no '
        'more.',
        epilog='exit codes: 0 made, 2 wrong usage, 3 SROS2 is not installed',
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        '--keystore', type=Path, metavar='FOLDER', help='where the keys are, made if not there'
    )
    target.add_argument(
        '--policy', type=Path, metavar='FILE', help='only write the policy, as XML; needs no ROS'
    )
    parser.add_argument(
        '--caller',
        action='append',
        default=[],
        metavar='NODE',
        help='name of a further node that asks, with its namespace; may be repeated',
    )
    parser.add_argument(
        'launch_arguments',
        nargs='*',
        metavar='NAME:=VALUE',
        help='what is given to ros2 launch, such as image_topic:=/front/image_raw',
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Write the policy, and make the enclaves if asked for.

    :raises InvalidRequestError: for wrong launch arguments, names or parameter files.
    :raises MissingDependencyError: if SROS2 is not installed.
    """
    try:
        text = _policy(arguments.launch_arguments, arguments.caller)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from error
    if arguments.policy:
        write_text(arguments.policy, text)
        print(f'wrote {arguments.policy}')
        return 0
    return _generate(arguments.keystore.absolute(), text)


def _policy(words: Sequence[str], callers: Sequence[str]) -> str:
    for name in callers:
        _NODE.read(name)
    return policy(bringup_options(read_arguments(_read(words)), '/'), callers)


def _read(words: Sequence[str]) -> dict[str, str]:
    known = [one.name for one in ARGUMENTS]
    texts = {}
    for word in words:
        name, sign, text = word.partition(':=')
        if not sign:
            raise ValueError(
                f'launch arguments look like image_topic:=/front/image_raw, got {word!r}'
            )
        if name not in known:
            raise ValueError(f'the launch file takes {", ".join(known)}, got {name!r}')
        texts[name] = text
    return texts


def _generate(keystore: Path, text: str) -> int:
    ros2 = shutil.which('ros2')
    if ros2 is None or find_spec('sros2') is None:
        raise MissingDependencyError(
            'enclaves are made by SROS2, which is not installed here: sudo apt-get install '
            'ros-$ROS_DISTRO-sros2; --policy FILE writes the policy alone'
        )
    with TemporaryDirectory() as folder:
        file = Path(folder) / 'policy.xml'
        file.write_text(text, encoding='utf-8')
        code = subprocess.run(
            [ros2, 'security', 'generate_artifacts', '-k', str(keystore), '-p', str(file)],
            check=False,
        ).returncode
    if code == 0:
        print(_NEXT.format(keystore=keystore, enclaves=ENCLAVES))
    return code
