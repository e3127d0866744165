# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros download MODEL``: fetch a checkpoint once; everything else works offline."""

from __future__ import annotations

from argparse import Namespace
import sys
from typing import Any

from kosmos_ros.commands import exit_codes


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'download',
        help='fetch a KOSMOS-2 checkpoint from the Hugging Face hub',
        description='Fetch the safetensors weights, configuration and tokenizer of a checkpoint '
        'into the local cache of huggingface_hub. All other commands and the node work offline.',
        epilog=exit_codes.DESCRIPTION,
    )
    parser.add_argument(
        'model', metavar='MODEL', help='hub id, such as microsoft/kosmos-2-patch14-224'
    )
    parser.set_defaults(run=run, online=True)


def run(arguments: Namespace) -> int:
    """
    Download, and return the exit code.

    :raises ModelLoadError: if it cannot be downloaded or is no KOSMOS-2 checkpoint.
    """
    from kosmos_ros.backends.checkpoint.download import download  # noqa: PLC0415

    print(f'downloading {arguments.model} ...', file=sys.stderr, flush=True)
    folder = download(arguments.model)
    print(f'{arguments.model} is complete in {folder}')
    print(f'use it with: kosmos-ros ground IMAGE QUERY --model {arguments.model}')
    return exit_codes.FOUND
