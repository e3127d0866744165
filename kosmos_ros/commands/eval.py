# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros eval``: measure a model on simulated scenes, data sets and recordings."""

from __future__ import annotations

from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from textwrap import fill
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval_data import (
    add_data_arguments,
    BAG,
    BOXES,
    check_data_arguments,
    MODEL,
    OUTPUT,
    OWN,
    PAPER,
)
from kosmos_ros.commands.shared_arguments import add_looks_argument, add_model_arguments
from kosmos_ros.core.errors import InvalidRequestError

_DESCRIPTION = """\
Ask a model about images of which the right answers are known, and report how
right it is and what its scores are worth. Data sets are read from a folder;
nothing is downloaded. Of a recording, tell how well the model keeps up with it.
"""

_EXAMPLES = """\
examples:
  kosmos-ros eval                              500 simulated scenes, never trained on
  kosmos-ros eval --level all --scenes 100     of every level of difficulty
  kosmos-ros eval refcoco --folder refer --split testA --protocol paper
  kosmos-ros eval flickr30k --folder flickr30k_entities --images flickr30k-images
  kosmos-ros eval coco --folder my_parts       instances.json and images
  kosmos-ros eval bag --folder drive --query "a person"

An evaluation that was interrupted goes on where it stopped when it is started again.

"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'eval',
        help='measure a model on simulated scenes, data sets or recordings',
        description=_DESCRIPTION,
        epilog=_EXAMPLES
        + fill(
            f'{exit_codes.DESCRIPTION}, {exit_codes.SOME_UNREADABLE} done, but some images are of '
            'no use (they are skipped and named)',
            79,
        ),
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_data_arguments(parser)
    parser.add_argument(
        '--protocol',
        choices=(OWN, PAPER),
        default=OWN,
        help="own: as everybody asks; paper: that of the model's authors, for RefCOCO and "
        'Flickr30k (default: %(default)s)',
    )
    parser.add_argument(
        '--relations',
        choices=(BOXES, MODEL),
        default=BOXES,
        help="who judges 'left of' and the like in phrases to locate (default: %(default)s)",
    )
    parser.add_argument(
        '--output',
        type=Path,
        metavar='FOLDER',
        help=f'where records and report go (default: {OUTPUT}/ and what is asked about)',
    )
    parser.add_argument(
        '--jobs',
        type=int,
        default=1,
        metavar='N',
        help='processes that answer side by side, each with the model in memory '
        '(default: %(default)s)',
    )
    add_looks_argument(parser)
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Run the command, see ``eval`` and ``eval_bag`` in ``kosmos_ros.commands.runs``.

    :raises InvalidRequestError: if arguments contradict each other.
    """
    check_data_arguments(arguments)
    if arguments.jobs < 1:
        raise InvalidRequestError(f'--jobs must be 1 or more, got {arguments.jobs}')
    if arguments.data == BAG:
        from kosmos_ros.commands.runs import eval_bag  # noqa: PLC0415

        return eval_bag.run(arguments)
    from kosmos_ros.commands.runs import eval as evaluate  # noqa: PLC0415 (needs MuJoCo)

    return evaluate.run(arguments)
