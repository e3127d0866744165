# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros download MODEL``: fetch a checkpoint once; everything else works offline."""

from __future__ import annotations

from argparse import Namespace
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
        'model',
        metavar='MODEL',
        help='hub id, such as microsoft/kosmos-2-patch14-224; with @COMMIT behind it, that commit',
    )
    parser.add_argument(
        '--check',
        action='store_true',
        help='download nothing; compare the files of a model that is here with its SHA256SUMS',
    )
    parser.set_defaults(run=run, online=True)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.download``."""
    from kosmos_ros.commands.runs import download as command  # noqa: PLC0415

    return command.run(arguments)
