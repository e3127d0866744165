# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros verify``: ask a model what was published, and compare."""

from __future__ import annotations

from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.shared_arguments import add_model_arguments, add_output_argument

_DESCRIPTION = """\
Ask a model the published questions about the authors' demo pictures: captions, phrases, a
region, questions. Compare each answer with the published one, token by token, measure speed
and memory of this machine, and write a report of one page. Nothing is downloaded; the pictures
come with "kosmos-ros download".
"""

_EPILOG = f"""\
examples:
  kosmos-ros verify --model microsoft/kosmos-2-patch14-224
  kosmos-ros verify --model microsoft/kosmos-2-patch14-224 --quantization 4bit
  kosmos-ros verify --model my_copy --images pictures

exit codes: 0 all as published, 1 something differs, 2 wrong usage or input, 3 the model cannot
be loaded or failed, {exit_codes.INTERRUPTED} interrupted
"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'verify',
        help='prove that a model answers here as it was published',
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--images',
        type=Path,
        metavar='FOLDER',
        help="where the demo pictures are (default: the model's folder, else where downloads of "
        'the published model are)',
    )
    add_output_argument(parser, 'verify_output', 'report.html and verify.json')
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Run the command, see ``kosmos_ros.commands.runs.verify``."""
    from kosmos_ros.commands.runs import verify as command  # noqa: PLC0415

    return command.run(arguments)
