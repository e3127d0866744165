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
from kosmos_ros.watch.tokens import kept_tokens, new_tokens


def run(arguments: Namespace) -> int:
    """
    Serve until Ctrl-C.

    :returns: exit code.
    :raises OSError: if the port is in use, the address is none of this machine's, or the file of
        tokens is of no use.
    """

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
    options = WatchOptions(
        arguments.host, arguments.port, arguments.namespace, dict(arguments.image_topic), tokens
    )
    watch(options, announce)
    return exit_codes.FOUND
