# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros bench``: what answers cost on this machine, compared with the usual recipe."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_output_argument

_RANDOM = 'random'
_SUMMARY = (
    'Measure the recipe of the model card and this package on the same machine in one run: '
    'queries, captions, memory, accuracy of each precision, growth, and the node over DDS. '
    'Prints tables, saves bench.json and bench.png. Let nothing else run meanwhile.'
)


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'bench',
        help='measure what answers cost on this machine',
        description=_SUMMARY,
        epilog='exit codes: 0 measured (met or missed), 2 wrong usage, 3 a model cannot be '
        f'measured, {exit_codes.INTERRUPTED} interrupted',
    )
    parser.add_argument(
        '--model',
        nargs='+',
        default=[EMBEDDED_MODEL, _RANDOM],
        metavar='MODEL',
        help=f'the embedded model {EMBEDDED_MODEL!r}, a folder, a hub id that was downloaded, or '
        f'{_RANDOM!r}: full-size random weights, made once below the output folder (3.3 GB) '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--tokenizer',
        default='',
        help='for random weights: a folder or hub id that has the published tokenizer, or its '
        'sentencepiece file (default: a stand-in of the same size, which changes no time)',
    )
    add_output_argument(parser, 'bench_output', 'results, logs and random weights')
    parser.add_argument('--quick', action='store_true', help='fewer repeats')
    parser.add_argument(
        '--bitsandbytes', action='store_true', help='measure its 8 and 4 bits as well (slow)'
    )
    parser.add_argument('--no-node', action='store_true', help='leave the ROS node out')
    parser.add_argument(
        '--tracking',
        action='store_true',
        help='measure instead how well boxes are carried to newer images: tracking.json and '
        'tracking.png (the first MODEL answers; a minute)',
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``bench`` and ``bench_tracking`` in ``kosmos_ros.commands.runs``."""
    if arguments.tracking:
        from kosmos_ros.commands.runs import bench_tracking  # noqa: PLC0415 (needs MuJoCo)

        return bench_tracking.run(arguments)
    from kosmos_ros.commands.runs import bench  # noqa: PLC0415

    return bench.run(arguments)
