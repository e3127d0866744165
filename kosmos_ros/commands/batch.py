# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros batch``: ask the same of all pictures of a folder or a recording, without ROS."""

from __future__ import annotations

from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from kosmos_ros.batch import COCO, FRAMES, UNREADABLE
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import (
    add_looks_argument,
    add_model_arguments,
    add_output_argument,
    add_rotation_argument,
)
from kosmos_ros.core.types import Task

_EXAMPLES = """\
examples:
  kosmos-ros batch photos --query "the red cube; the mug"
  kosmos-ros batch photos --query "the red cube" --query "what is left of the bowl?"
  kosmos-ros batch drive.mcap --topic /camera/image_raw --every 30 --query "a person"

A run that was interrupted goes on where it stopped when it is started again.

boxes, in pixels of the upright picture from its upper left corner:
  detections.coco.json   "bbox": [x, y, width, height]
  detections.csv         x0, y0, x1, y1: upper left and lower right corner
  answers.jsonl          x0, y0, x1, y1 as parts of width and height, 0 to 1

"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'batch',
        help='ask the same of many pictures: a folder or a bag (no ROS needed)',
        description='Ask the same of all pictures in a folder, or of the images in a bag, and '
        'write COCO JSON, CSV, annotated pictures and a summary plot.',
        epilog=_EXAMPLES
        + exit_codes.DESCRIPTION
        + f', {exit_codes.SOME_UNREADABLE} done, but some pictures cannot be read '
        f'(they are listed in {UNREADABLE})',
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'input',
        type=Path,
        metavar='FOLDER|BAG',
        help='folder of pictures, or recording: a folder, or a lone .mcap, .db3 or .bag file',
    )
    parser.add_argument(
        '--query',
        action='append',
        default=[],
        help='as in "kosmos-ros ground"; give it several times to ask several (default: describe)',
    )
    parser.add_argument(
        '--task',
        default='auto',
        choices=[task.name.lower() for task in Task if task is not Task.IDENTIFY],
        help='what to do with the queries (default: %(default)s, from their form)',
    )
    parser.add_argument(
        '--min-score', type=float, default=0.0, metavar='P', help='drop boxes below (0..1)'
    )
    add_looks_argument(parser)
    add_rotation_argument(parser)
    parser.add_argument('--topic', default='', help='of a bag with several image topics')
    parser.add_argument(
        '--every', type=int, default=1, metavar='N', help='only each Nth picture or image'
    )
    add_output_argument(parser, 'batch_output', 'results')
    parser.add_argument('--no-pictures', action='store_true', help='save no annotated pictures')
    parser.add_argument(
        '--frames',
        action='store_true',
        help=f'of a bag: save the images themselves too, in {FRAMES}/, and name them in {COCO}, '
        'so that other programs find them',
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.batch``."""
    from kosmos_ros.commands.runs import batch as command  # noqa: PLC0415

    return command.run(arguments)
