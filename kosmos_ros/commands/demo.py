# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros demo``: the grounding node answers questions about a simulated camera."""

from __future__ import annotations

from argparse import Namespace
import sys
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import (
    add_model_arguments,
    add_output_argument,
    MODEL_ARGUMENTS,
    settings_from_arguments,
    whole_number,
)


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'demo',
        help='ask the grounding node about a simulated camera (needs ROS)',
        description='Start a simulated camera and the grounding node, ask about a few scenes, '
        'print each answer beside the ground truth, and save annotated pictures.',
        epilog='exit codes: 0 done, 1 most answers were wrong, 2 wrong usage, 3 a process died or '
        f'did not respond, {exit_codes.INTERRUPTED} interrupted',
    )
    parser.add_argument(
        '--scenes',
        type=whole_number(1),
        default=4,
        metavar='N',
        help='how many (default: %(default)s)',
    )
    parser.add_argument(
        '--seed',
        type=whole_number(0),
        default=1,
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
    """
    Run the demo, and return the exit code.

    :raises KosmosError: if a process died or did not respond.
    """
    from kosmos_ros.demo.session import DemoOptions, run_demo  # noqa: PLC0415
    from kosmos_ros.demo.standby import keep_running  # noqa: PLC0415

    settings_from_arguments(arguments)  # refuses wrong ones before anything is started
    model = {name: getattr(arguments, name) for name in MODEL_ARGUMENTS}
    options = DemoOptions(arguments.scenes, arguments.seed, arguments.output, model)
    if arguments.keep_running:
        keep_running(options)
        return exit_codes.FOUND
    if run_demo(options).acceptable:
        return exit_codes.FOUND
    print('these answers are too bad for a model that knows the simulated table', file=sys.stderr)
    return exit_codes.NOT_FOUND
