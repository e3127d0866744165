# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros demo``: the grounding node answers questions about a simulated camera."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_model_arguments, add_output_argument

DEFAULT_SCENES = 4
DEFAULT_SEED = 1

_EXIT_CODES = (
    'exit codes: 0 done, 1 most answers were wrong, 2 wrong usage, 3 a process died or did not '
    f'respond, {exit_codes.INTERRUPTED} interrupted'
)


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'demo',
        help='ask the grounding node about a simulated camera (needs ROS)',
        description='Start a simulated camera and the grounding node, ask about a few scenes, '
        'print each answer beside the ground truth, and save annotated pictures.',
        epilog=_EXIT_CODES,
    )
    parser.add_argument(
        '--scenes',
        type=_positive,
        default=DEFAULT_SCENES,
        metavar='N',
        help='how many (default: %(default)s)',
    )
    parser.add_argument(
        '--seed',
        type=_not_negative,
        default=DEFAULT_SEED,
        metavar='N',
        help='of the first scene (default: %(default)s)',
    )
    add_output_argument(parser, 'demo_output', 'pictures, results and logs')
    parser.add_argument(
        '--keep-running',
        action='store_true',
        help='ask nothing, but keep camera and node running in your ROS domain, for your own '
        'calls, RViz and Foxglove',
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.demo``."""
    from kosmos_ros.commands.runs import demo as command  # noqa: PLC0415

    return command.run(arguments)


def _positive(text: str) -> int:
    return _at_least(1, text)


def _not_negative(text: str) -> int:
    return _at_least(0, text)


def _at_least(lowest: int, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise ArgumentTypeError(f'a whole number expected, got {text!r}') from None
    if value < lowest:
        raise ArgumentTypeError(f'at least {lowest} expected, got {value}')
    return value
