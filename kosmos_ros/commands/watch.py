# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros watch``: a web page with the camera, live boxes, questions and answers."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
import os
from pathlib import Path
import re
import sys
from typing import Any
import webbrowser

from kosmos_ros.bringup import absolute_name, DEFAULT_NAMESPACE, middleware_environment
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import whole_number
from kosmos_ros.core.errors import MissingDependencyError

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
        default='127.0.0.1',
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
        type=whole_number(0, 65535),
        default=8765,
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
    Serve until Ctrl-C, and return the exit code.

    :raises MissingDependencyError: if ROS or the web server's library is not installed.
    :raises OSError: if the port is in use, the address is none of this machine's, or the file of
        tokens is of no use.
    """
    try:
        from kosmos_ros.watch.origins import is_loopback  # noqa: PLC0415
        from kosmos_ros.watch.running import watch, WatchOptions  # noqa: PLC0415
        from kosmos_ros.watch.tokens import kept_tokens, new_tokens  # noqa: PLC0415
    except ModuleNotFoundError as error:
        advice = _MODULES.get((error.name or '').partition('.')[0])
        if advice is None:
            raise
        raise MissingDependencyError(
            f'watch needs the Python module {error.name!r}: {advice}'
        ) from error

    def announce(*addresses: str) -> None:
        if len(addresses) > 1:
            print(f'To look only, the page is at {addresses[0]}')
        print(f'The page is at {addresses[-1]} (Ctrl-C ends it)', flush=True)
        if arguments.open and not webbrowser.open(addresses[-1]):
            print('kosmos-ros: no browser could be opened here', file=sys.stderr)

    tokens = kept_tokens(arguments.token_file) if arguments.token_file else None
    if not is_loopback(arguments.host):
        tokens = tokens or new_tokens()
        print(
            'kosmos-ros: warning: nothing is encrypted, so whoever can listen to the network may '
            'see images, answers and tokens',
            file=sys.stderr,
        )
    # The same as launch gives camera and node: large images get lost otherwise.
    os.environ.update(middleware_environment(os.environ))
    topics = dict(arguments.image_topic)
    where = arguments.host, arguments.port
    watch(WatchOptions(*where, arguments.namespace, topics, tokens), announce)
    return exit_codes.FOUND


def _namespace(text: str) -> str:
    if text != '/' and not _NAME.fullmatch(text):
        raise ArgumentTypeError(f'a ROS namespace such as /kosmos expected, got {text!r}')
    return text


def _image_topic(text: str) -> tuple[str, str]:
    camera, _, topic = text.rpartition('=')
    if not _NAME.fullmatch(topic):
        raise ArgumentTypeError(f'a topic such as /front/image_raw expected, got {topic!r}')
    return camera or 'camera', topic
