# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros watch``: a web page with the camera, live boxes, questions and answers."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
import re
from typing import Any

from kosmos_ros.bringup import absolute_name, DEFAULT_NAMESPACE
from kosmos_ros.core.errors import MissingDependencyError

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 8765

_DEFAULT_CAMERA = 'camera'
_NAME = re.compile(r'(/[A-Za-z_][A-Za-z0-9_]*)+')
_MODULES = {
    'aiohttp': 'install python3-aiohttp (apt) or aiohttp (pip)',
    'rclpy': "source ROS 2's setup.bash, or use the .venv that make env prepares",
    'kosmos_ros_msgs': "build and source this package's messages; README tells how",
}


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'watch',
        help='watch and ask the grounding node in a browser (needs ROS)',
        description='Serve a web page with the camera image, live boxes, a query field, answers '
        'and their history, from the topics of a running grounding node.',
        epilog='exit codes: 0 ended by Ctrl-C, 2 wrong usage, or the port is in use',
    )
    parser.add_argument(
        '--host',
        default=DEFAULT_HOST,
        metavar='ADDRESS',
        help='address or name to listen on (default: %(default)s, this machine only); others need '
        'a token: addresses with one are printed',
    )
    parser.add_argument(
        '--token-file',
        type=Path,
        metavar='FILE',
        help='keep the two tokens here, so that addresses stay the same; made if there is none',
    )
    parser.add_argument(
        '--port',
        type=_port,
        default=DEFAULT_PORT,
        metavar='N',
        help='TCP port (default: %(default)s); 0 takes any free one',
    )
    parser.add_argument(
        '--namespace',
        type=_namespace,
        default=absolute_name(DEFAULT_NAMESPACE),
        metavar='NS',
        help='namespace of the grounding node (default: %(default)s)',
    )
    parser.add_argument(
        '--image-topic',
        type=_image_topic,
        action='append',
        default=[],
        metavar='[CAMERA=]TOPIC',
        help="show this image topic as a camera's, instead of the one that the node looks at",
    )
    parser.add_argument('--open', action='store_true', help='open the page in a browser')
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Run the command, see ``kosmos_ros.commands.runs.watch``.

    :raises MissingDependencyError: if ROS or the web server's library is not installed.
    """
    try:
        from kosmos_ros.commands.runs import watch as command  # noqa: PLC0415
    except ModuleNotFoundError as error:
        advice = _MODULES.get((error.name or '').partition('.')[0])
        if advice is None:
            raise
        raise MissingDependencyError(
            f'watch needs the Python module {error.name!r}: {advice}'
        ) from error
    return command.run(arguments)


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        raise ArgumentTypeError(f'a whole number expected, got {text!r}') from None
    if not 0 <= port <= 65535:
        raise ArgumentTypeError(f'0 to 65535 expected, got {port}')
    return port


def _namespace(text: str) -> str:
    if text != '/' and not _NAME.fullmatch(text):
        raise ArgumentTypeError(f'a ROS namespace such as /kosmos expected, got {text!r}')
    return text


def _image_topic(text: str) -> tuple[str, str]:
    camera, _, topic = text.rpartition('=')
    if not _NAME.fullmatch(topic):
        raise ArgumentTypeError(f'a topic such as /front/image_raw expected, got {topic!r}')
    return camera or _DEFAULT_CAMERA, topic
