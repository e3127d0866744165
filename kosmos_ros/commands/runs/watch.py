# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Serve the web page."""

from __future__ import annotations

from argparse import Namespace
import os
import sys
import webbrowser

from kosmos_ros.bringup import middleware_environment
from kosmos_ros.commands import exit_codes
from kosmos_ros.watch.origins import is_loopback
from kosmos_ros.watch.running import watch, WatchOptions


def run(arguments: Namespace) -> int:
    """
    Serve until Ctrl-C.

    :returns: exit code.
    :raises OSError: if the port is in use or the address is none of this machine's.
    """

    def announce(address: str) -> None:
        print(f'The page is at {address} (Ctrl-C ends it)', flush=True)
        if arguments.open and not webbrowser.open(address):
            print('kosmos-ros: no browser could be opened here', file=sys.stderr)

    if not is_loopback(arguments.host):
        print(
            f'kosmos-ros: warning: everybody who reaches {arguments.host} sees the cameras and '
            'can ask the robot; there is no password and no encryption',
            file=sys.stderr,
        )
    # The same as launch gives camera and node: large images get lost otherwise.
    os.environ.update(middleware_environment(os.environ))
    options = WatchOptions(
        arguments.host, arguments.port, arguments.namespace, dict(arguments.image_topic)
    )
    watch(options, announce)
    return exit_codes.FOUND
