# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros calibrate``: measure how reliable a model's scores are, and calibrate them."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_model_arguments, add_output_argument


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'calibrate',
        help='fit scores to what is right on held-out simulated scenes',
        description='Fit the scores of a model so that of the answers with a score of 0.8 eight '
        'in ten are right: on simulated scenes, which no training has seen, and judged on as many '
        'others. It holds for images of that kind.',
        epilog=exit_codes.DESCRIPTION,
    )
    parser.add_argument(
        '--scenes',
        type=int,
        default=500,
        metavar='N',
        help='how many to fit on, and how many to judge by (default: %(default)s)',
    )
    parser.add_argument(
        '--seed',
        type=int,
        default=60_000,
        help='of the first scene to fit on; those to judge by have the seeds 0..N-1 '
        '(default: %(default)s)',
    )
    add_output_argument(parser, 'calibrate_output', 'calibration.json and reliability.png')
    parser.add_argument(
        '--write',
        action='store_true',
        help="put calibration.json into the model's folder too, where it takes effect",
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.calibrate``."""
    from kosmos_ros.commands.runs import calibrate as command  # noqa: PLC0415

    return command.run(arguments)
