# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros stress``: the node under many calls at once, and under faults for hours."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_output_argument, whole_number

_EXIT_CODES = (
    'exit codes: 0 all was well, 1 it was not, 2 wrong usage, 3 a process could not be started, '
    f'{exit_codes.INTERRUPTED} interrupted'
)


def add_parser(subparsers: Any) -> None:
    """Declare the command and its two kinds."""
    parser: ArgumentParser = subparsers.add_parser(
        'stress',
        help='put the grounding node under load, or under faults for hours (needs ROS)',
        description='Start the grounding node with the embedded model, two cameras and clients '
        'as processes in a ROS domain of their own, and tell how it went.',
        epilog=_EXIT_CODES,
    )
    kinds = parser.add_subparsers(title='kinds', required=True, metavar='KIND', dest='kind')
    load = kinds.add_parser(
        'load',
        help='many calls at once',
        description='Call the node many times at once, and in turn with it a node that only '
        'answers. No answer may be lost. Prints a table, saves load.json.',
        epilog=_EXIT_CODES,
    )
    for name, value, about in (
        ('calls', 200, 'at once'),
        ('clients', 20, 'nodes that call, in a process for every four'),
        ('rounds', 3, 'how often'),
    ):
        load.add_argument(
            f'--{name}',
            type=whole_number(1),
            default=value,
            metavar='N',
            help=f'{about} (default: %(default)s)',
        )
    soak = kinds.add_parser(
        'soak',
        help='faults of many kinds, one after the other',
        description='Kill clients, cameras and parts of the node, set parameters, go through the '
        'life cycle, set standing queries, show malformed images, kill all and start again. After '
        'each the next valid call has to be answered; at the end nothing may have grown or be '
        'left behind. Prints tables, saves soak.json and soak.png.',
        epilog=_EXIT_CODES,
    )
    soak.add_argument(
        '--minutes', type=float, default=10.0, metavar='N', help='(default: %(default)g)'
    )
    soak.add_argument(
        '--seed', type=int, default=0, metavar='N', help='of the events (default: %(default)s)'
    )
    for kind in (load, soak):
        add_output_argument(kind, 'stress_output', 'results and logs')
        kind.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.stress``."""
    from kosmos_ros.commands.runs import stress as command  # noqa: PLC0415

    return command.run(arguments)
