# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros ground IMAGE QUERY``: ask one question about one picture, without ROS."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import (
    add_looks_argument,
    add_model_arguments,
    add_rotation_argument,
)
from kosmos_ros.core.types import MAX_ALTERNATIVES, Task

_EXAMPLES = """\
examples:
  kosmos-ros ground table.jpg "the red cube; the mug"
  kosmos-ros ground table.jpg "put the red cube into the bowl"
  kosmos-ros ground table.jpg --region 120,80,60,60
  kosmos-ros ground table.jpg "what is left of the bowl?" --json

"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'ground',
        help='ask a question about a picture (no ROS needed)',
        description='Ask a question about a picture and get boxes and words.',
        epilog=_EXAMPLES + exit_codes.DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument('image', type=Path, metavar='IMAGE', help='picture file')
    parser.add_argument(
        'query',
        nargs='?',
        default='',
        metavar='QUERY',
        help='objects to find, an instruction, a question, or nothing for a description',
    )
    parser.add_argument(
        '--task',
        default='auto',
        choices=[task.name.lower() for task in Task],
        help='what to do with the query (default: %(default)s, from its form)',
    )
    parser.add_argument(
        '--region',
        metavar='X,Y,W,H',
        help='upper left corner and size in pixels: search only there, or ask about it',
    )
    parser.add_argument(
        '--min-score', type=float, default=0.0, metavar='P', help='drop boxes below (0..1)'
    )
    parser.add_argument(
        '--alternatives',
        type=int,
        default=0,
        metavar='K',
        help=f'other places of each phrase to list as well (0..{MAX_ALTERNATIVES})',
    )
    add_looks_argument(parser)
    add_rotation_argument(parser)
    parser.add_argument(
        '--json',
        action='store_true',
        help='print the answer as JSON; a "box" is [x0, y0, x1, y1], upper left and lower right '
        'corner in pixels of the picture as it is shown',
    )
    _add_picture_arguments(parser)
    add_model_arguments(parser)
    # For a single answer it would take longer than it saves.
    parser.set_defaults(run=run, warm_up=False)


def _add_picture_arguments(parser: ArgumentParser) -> None:
    """Declare whether and how a picture of the answer is saved."""
    picture = parser.add_mutually_exclusive_group()
    picture.add_argument(
        '--save',
        type=Path,
        metavar='PICTURE',
        help='where to save the picture with boxes (default: IMAGE with .grounded.png)',
    )
    picture.add_argument('--no-save', action='store_true', help='save no picture')
    parser.add_argument(
        '--hide-looks',
        action='store_true',
        help='save the picture without the thin outlines of what the model looked at closer',
    )


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.ground``."""
    from kosmos_ros.commands.runs import ground as command  # noqa: PLC0415

    return command.run(arguments)
