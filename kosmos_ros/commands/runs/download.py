# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Fetch a checkpoint."""

from __future__ import annotations

from argparse import Namespace
import sys

from kosmos_ros.backends.checkpoint.download import download
from kosmos_ros.commands import exit_codes


def run(arguments: Namespace) -> int:
    """
    Download.

    :returns: exit code.
    :raises ModelLoadError: if it cannot be downloaded or is no KOSMOS-2 checkpoint.
    """
    print(f'downloading {arguments.model} ...', file=sys.stderr, flush=True)
    folder = download(arguments.model)
    print(f'{arguments.model} is complete in {folder}')
    print(f'use it with: kosmos-ros ground IMAGE QUERY --model {arguments.model}')
    return exit_codes.FOUND
