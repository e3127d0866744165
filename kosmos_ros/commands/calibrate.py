# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros calibrate``: measure how reliable a model's scores are, and calibrate them."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace, RawDescriptionHelpFormatter
from typing import Any

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval_data import (
    add_data_argument,
    add_photo_arguments,
    check_data_arguments,
    COCO,
    FIT_SEED,
    FLICKR30K,
    REFCOCO,
    SCENES,
    TABLETOP,
)
from kosmos_ros.commands.shared_arguments import add_model_arguments, add_output_argument

_DESCRIPTION = """\
Fit the scores of a model so that of the answers with a score of 0.8 eight in ten
are right: on one half of some labelled images, judged on the other half. It holds
for images and phrases of that kind. What is not there is asked for too: categories
that the labels of an image exclude, or what is said about other images. In captions
and answers the boxes of what has a labelled name are judged. The report says which
scores were fitted, which were not and why.

Without DATA it is done on simulated scenes, which no training has seen.
"""

_EXAMPLES = """\
examples:
  kosmos-ros calibrate coco --folder my_parts --model my_model
  kosmos-ros calibrate refcoco --folder refer --split val --model owner/name
  kosmos-ros calibrate flickr30k --folder flickr30k_entities --images flickr30k-images
  kosmos-ros calibrate --scenes 500            simulated scenes

"""


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        'calibrate',
        help='fit scores to what is right on labelled images or simulated scenes',
        description=_DESCRIPTION,
        epilog=_EXAMPLES + exit_codes.DESCRIPTION,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_data_argument(parser, (TABLETOP, *REFCOCO, FLICKR30K, COCO))
    scenes = parser.add_argument_group('simulated scenes (tabletop)')
    scenes.add_argument(
        '--scenes',
        type=int,
        metavar='N',
        help=f'how many to fit on, and how many to judge by (default: {SCENES})',
    )
    scenes.add_argument(
        '--seed',
        type=int,
        help='of the first scene to fit on; those to judge by have the seeds 0..N-1 '
        f'(default: {FIT_SEED})',
    )
    add_photo_arguments(parser)
    parser.add_argument(
        '--texts',
        action=BooleanOptionalAction,
        default=None,
        help='have each image of a folder described and asked about too, which takes the longest; '
        'without, the boxes of DESCRIBE, ASK and RAW stay not calibrated (default: yes)',
    )
    add_output_argument(
        parser, 'calibrate_output', 'calibration.json, pictures and calibration.html'
    )
    parser.add_argument(
        '--write',
        action=BooleanOptionalAction,
        default=None,
        help="put calibration.json where it takes effect too: into the model's folder or, if that "
        "is read-only or in the cache of downloads, into the user's data folder (default: for "
        'labelled images, unless the model is the embedded one)',
    )
    add_model_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """
    Run the command, see ``kosmos_ros.commands.runs.calibrate``.

    :raises InvalidRequestError: if arguments contradict each other.
    """
    check_data_arguments(arguments)
    from kosmos_ros.commands.runs import calibrate as command  # noqa: PLC0415

    return command.run(arguments)
